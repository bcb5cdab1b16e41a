#pragma once

#include "runtime/runtime.hpp"

#include <cstddef>
#include <functional>
#include <shared_mutex>
#include <utility>

namespace heddle::worker::native {

/// The way to the runtime for threads that may outlive it: nodes that do not
/// stop. Any thread.
class link {
public:
  explicit link(runtime& rt) : rt_(&rt) {}

  /// From now on nothing reaches the runtime. Waits for calls under way.
  void cut() {
    std::unique_lock lock{mutex_};
    rt_ = nullptr;
  }

  void run_on(std::size_t shard, std::function<void()> f) {
    std::shared_lock lock{mutex_};
    if (rt_)
      rt_->run_on(shard, std::move(f));
  }

  timer_source::id after(std::chrono::milliseconds delay,
                         std::function<void()> f) {
    std::shared_lock lock{mutex_};
    return rt_ ? rt_->after(delay, std::move(f)) : 0;
  }

  void forget(timer_source::id timer) {
    std::shared_lock lock{mutex_};
    if (rt_)
      rt_->cancel(timer);
  }

private:
  std::shared_mutex mutex_; // Guards `rt_`.
  runtime* rt_;
};

} // namespace heddle::worker::native
