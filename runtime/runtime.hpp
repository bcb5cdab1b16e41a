#pragma once

#include "runtime/ports.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

// The OS threads that everything else runs on: one io_context and thread per
// core ("shard"). HTTP sessions and worker channels live on one shard each; the
// actors' scheduler lends the same threads to CAF. No CAF and no product rule
// in here. Outlives everything that uses it.

namespace heddle {

/// `timer_source` and `clock_source` of the machine, and the threads.
class runtime final : public clock_source, public timer_source {
public:
  /// Starts `shards` threads (at least one).
  explicit runtime(std::size_t shards);

  /// Stops and joins, if `stop` was not called.
  ~runtime() override;

  std::size_t shards() const noexcept;

  boost::asio::io_context& io(std::size_t shard) noexcept;

  /// The shard whose thread this is, or `shards()` on any other thread.
  std::size_t current_shard() const noexcept;

  /// Runs `f` on that shard's thread, later. Batched: many calls from other
  /// threads cost one wake-up. Any thread.
  void run_on(std::size_t shard, std::function<void()> f);

  timestamp now() override;
  id after(std::chrono::milliseconds delay, std::function<void()> f) override;
  void cancel(id timer) override;
  std::size_t waiting() const override;

  /// Runs what was posted, then ends the threads and joins them. Not to be
  /// called on a shard's thread.
  void stop();

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace heddle
