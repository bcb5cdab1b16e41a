#pragma once

#include "actors/id_source.hpp"
#include "heddle/stream.hpp"
#include "heddle/webhook.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace heddle::test {

/// Ids that count. The last byte differs from one to the next, so that threads
/// spread over the directory.
class sequential_ids final : public actors::id_source {
public:
  uuid_bytes ordered(timestamp now) override { return timed(++last_, now); }

  uuid_bytes random() override { return numbered(++last_, 4); }

  /// What `ordered` will give when it is asked for the `ahead`th time.
  uuid_bytes peek(timestamp now, std::uint64_t ahead) const {
    return timed(last_ + ahead, now);
  }

private:
  static uuid_bytes timed(std::uint64_t n, timestamp now) {
    auto bytes = numbered(n, 7);
    auto ms = static_cast<std::uint64_t>(to_micros(now) / 1000);
    for (std::size_t i = 0; i < 6; ++i)
      bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
    return bytes;
  }

  static uuid_bytes numbered(std::uint64_t n, std::uint8_t version) {
    uuid_bytes bytes{};
    for (std::size_t i = 0; i < 8; ++i)
      bytes[15 - i] = static_cast<std::uint8_t>(n >> (8 * i));
    bytes[6] = static_cast<std::uint8_t>(version << 4U);
    bytes[8] = 0x80;
    return bytes;
  }

  std::uint64_t last_ = 0;
};

/// Keeps webhooks until the test answers them.
class kept_webhooks final : public webhook_sender {
public:
  struct one {
    std::string url;
    json_text body;
    std::function<void(result<int>)> done;
  };

  void send(std::string url, json_text body,
            std::function<void(result<int>)> done) override {
    sent.push_back({std::move(url), std::move(body), std::move(done)});
  }

  void answer(std::size_t at, result<int> status) {
    if (auto done = std::exchange(sent.at(at).done, nullptr))
      done(std::move(status));
  }

  std::vector<one> sent;
};

/// Where an answer lands; empty until it arrives. A second one is a bug.
template <class T>
class slot {
public:
  std::function<void(result<T>)> fill() const {
    return [to = to_](result<T> got) {
      ++to->answers;
      to->got.emplace(std::move(got));
    };
  }

  bool answered() const { return to_->got.has_value(); }
  int answers() const { return to_->answers; }
  bool ok() const { return answered() && to_->got->has_value(); }

  /// The value; throws if there is none.
  auto& value() const { return to_->got.value().value(); }

  std::optional<errc> failure() const {
    if (!answered() || to_->got->has_value())
      return std::nullopt;
    return to_->got->error().code;
  }

  std::string text() const {
    return failure() ? to_->got->error().detail : std::string{};
  }

private:
  struct place {
    std::optional<result<T>> got;
    int answers = 0;
  };
  std::shared_ptr<place> to_ = std::make_shared<place>();
};

/// Remembers what it was told.
class kept_reader final : public run_reader {
public:
  void push(std::span<const event_ptr> more) override {
    after_end |= last.has_value();
    events.insert(events.end(), more.begin(), more.end());
    if (on_push)
      on_push(more);
  }

  void end(stream_end how) override {
    after_end |= last.has_value();
    last = std::move(how);
    if (on_end)
      on_end();
  }

  /// The data of the events of one name.
  std::vector<std::string> data(std::string_view name) const {
    std::vector<std::string> result;
    for (const auto& event : events)
      if (event->name == name)
        result.push_back(event->data.str());
    return result;
  }

  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto& event : events)
      result.push_back(event->name);
    return result;
  }

  bool over() const { return last && last->why == end_reason::over; }

  std::vector<event_ptr> events;
  std::optional<stream_end> last;
  bool after_end = false; ///< It was told something after its end.
  std::function<void(std::span<const event_ptr>)> on_push;
  std::function<void()> on_end;
};

} // namespace heddle::test
