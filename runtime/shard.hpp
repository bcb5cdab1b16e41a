#pragma once

#include "runtime/timer_heap.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

namespace heddle {

/// One io_context with what is posted to it and its timers. The thread that
/// runs it belongs to `runtime`.
class shard {
public:
  shard();
  shard(const shard&) = delete;
  shard& operator=(const shard&) = delete;

  boost::asio::io_context& io() noexcept { return *io_; }

  /// Any thread. After `close`, `f` is destroyed instead.
  void post(std::function<void()> f);

  /// Any thread. 0 after `close`.
  timer_heap::handle after(std::chrono::milliseconds delay,
                           std::function<void()> f);

  /// Any thread.
  void cancel(timer_heap::handle timer);

  /// How many timers wait. Any thread.
  std::size_t timers() const;

  /// Runs handlers until `interrupt`. On the shard's thread.
  void run();

  /// Makes `run` return. Any thread.
  void interrupt();

  /// Runs what is ready, a bounded number of handlers, without waiting. On the
  /// shard's thread, after `run` has returned. @returns whether there was any.
  bool run_ready();

  /// Drops what is left. After the thread was joined.
  void close();

  /// Destroys the io_context, and with it what its handlers hold. After all
  /// shards were closed: these objects may know any shard.
  void destroy_io();

private:
  void run_batch();
  void fire();
  void arm();

  std::optional<boost::asio::io_context> io_;
  std::optional<boost::asio::steady_timer> alarm_;     ///< The shard's thread.
  std::optional<timer_heap::clock::time_point> armed_; ///< Guarded.
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type>
    work_;

  mutable std::mutex mutex_; // Guards what follows, and `armed_`.
  std::vector<std::function<void()>> inbox_;
  timer_heap timers_;
  bool closed_ = false;

  std::vector<std::function<void()>> batch_; ///< The shard's thread.
};

} // namespace heddle
