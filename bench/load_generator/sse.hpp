#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace heddle::load {

/// One event of a stream. What it points to is gone after the call.
struct event {
  std::string_view name;
  std::string_view data;
  std::string_view id;
};

/// Takes a text/event-stream in pieces of any size, with the line ends of any
/// server. Comments are counted: they are heartbeats.
class sse_parser {
public:
  /// Called for each event as soon as its end is there.
  std::function<void(const event&)> on_event;

  void add(std::string_view bytes);
  void reset();

  std::size_t comments() const noexcept { return comments_; }
  /// Whether an event has begun and not ended.
  bool is_within() const noexcept { return within_ || !line_.empty(); }

private:
  void take_line(std::string_view line);
  void take_field(std::string_view name, std::string_view value);
  void finish();

  std::string line_; ///< The beginning of one whose end is not there yet.
  std::string name_;
  std::string data_;
  std::string id_;
  bool within_ = false;
  std::size_t comments_ = 0;
};

} // namespace heddle::load
