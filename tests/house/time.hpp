#pragma once

#include "runtime/ports.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <utility>

namespace heddle::test {

/// Wall time and timers in one hand: they move only when told to. One OS
/// thread.
class virtual_time final : public clock_source, public timer_source {
public:
  timestamp now() override { return now_ + jumped_; }

  /// What timers go by.
  timestamp monotonic() const noexcept { return now_; }

  /// Sets the wall clock on, or back. No timer notices.
  void jump(std::chrono::microseconds by) { jumped_ += by; }

  id after(std::chrono::milliseconds delay, std::function<void()> f) override {
    auto key = ++last_;
    auto due = now_ + std::max(delay, std::chrono::milliseconds{0});
    timers_.emplace(std::pair{due, key}, std::move(f));
    return key;
  }

  void cancel(id timer) override {
    auto at = std::ranges::find_if(
      timers_, [timer](const auto& t) { return t.first.second == timer; });
    if (at != timers_.end())
      timers_.erase(at);
  }

  /// When the next timer is due.
  std::optional<timestamp> next() const {
    if (timers_.empty())
      return std::nullopt;
    return timers_.begin()->first.first;
  }

  /// Goes to the next timer and fires it. False if there is none until `last`;
  /// then the clock stands at `last`.
  bool fire_until(timestamp last) {
    if (timers_.empty() || timers_.begin()->first.first > last) {
      now_ = std::max(now_, last);
      return false;
    }
    auto first = timers_.extract(timers_.begin());
    now_ = std::max(now_, first.key().first);
    first.mapped()();
    return true;
  }

  void pass(std::chrono::microseconds time) { now_ += time; }

  std::size_t waiting() const override { return timers_.size(); }

  /// A new life begins: whoever wanted to be woken is gone.
  void forget_timers() { timers_.clear(); }

private:
  std::chrono::microseconds jumped_{0};
  timestamp now_ = from_micros(1'800'000'000'000'000);
  std::map<std::pair<timestamp, id>, std::function<void()>> timers_;
  id last_ = 0;
};

} // namespace heddle::test
