#pragma once

#include "heddle/stream.hpp"

#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace heddle::actors {

/// What a run emits, on its way to a subscriber that takes its time. Bounded:
/// when more arrives while `bytes_max` wait, it ends with an overrun.
class event_queue final : public run_reader {
public:
  struct news {
    std::vector<event_ptr> events;
    std::optional<end_reason> end; ///< After the events.
    bool overrun = false;          ///< The reader has to leave.
  };

  /// `wake` is called on any thread when there is news, once until it is taken.
  event_queue(std::size_t bytes_max, std::function<void()> wake)
    : bytes_max_(bytes_max), wake_(std::move(wake)) {}

  void push(std::span<const event_ptr> fresh) override {
    std::unique_lock lock{mutex_};
    if (over_)
      return;
    if (bytes_ > bytes_max_) {
      over_ = true;
      news_.overrun = true;
      news_.end = end_reason::overrun;
      return wake(std::move(lock));
    }
    for (const auto& event : fresh) {
      news_.events.push_back(event);
      bytes_ += event->wire.size();
    }
    wake(std::move(lock));
  }

  void end(stream_end last) override {
    std::unique_lock lock{mutex_};
    if (std::exchange(over_, true))
      return;
    news_.end = last.why;
    wake(std::move(lock));
  }

  news take() {
    std::lock_guard guard{mutex_};
    awake_ = false;
    bytes_ = 0;
    return std::exchange(news_, {});
  }

private:
  void wake(std::unique_lock<std::mutex> lock) {
    if (std::exchange(awake_, true))
      return;
    lock.unlock();
    wake_();
  }

  const std::size_t bytes_max_;
  const std::function<void()> wake_;
  std::mutex mutex_; // Guards what follows.
  news news_;
  std::size_t bytes_ = 0;
  bool awake_ = false;
  bool over_ = false;
};

} // namespace heddle::actors
