#pragma once

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/detail/thread_safe_actor_clock.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

namespace heddle {
class runtime;
} // namespace heddle

namespace heddle::actors {

class shard_lane;

/// Runs actors on the threads of a `runtime`, so that a message from an HTTP
/// session or a worker channel reaches its actor without a hop between OS
/// threads. An actor has no home: it runs on the shard that woke it.
///
/// The runtime outlives the actor system, and must not be stopped before it.
/// The system is not to be destroyed on one of the runtime's threads.
class scheduler final : public caf::scheduler::abstract_coordinator {
public:
  scheduler(caf::actor_system& sys, runtime& rt);
  ~scheduler() override;

  /// From a shard's thread: to that shard's own queue. From any other thread:
  /// to the inbox of some shard, always the same for one actor.
  void enqueue(caf::resumable* job) override;

  /// Runs what is queued on this shard now, a bounded number of turns, instead
  /// of when the loop comes round to it. Does nothing on any other thread, and
  /// from within an actor.
  void drain_now();

  caf::detail::thread_safe_actor_clock& clock() noexcept override {
    return clock_;
  }

  void start() override;

  /// Ends CAF's clock, runs what was posted to the shards, and releases the
  /// jobs that are left. Later ones are released at once.
  void stop() override;

private:
  runtime& rt_;
  std::vector<std::shared_ptr<shard_lane>> lanes_; ///< By shard.
  caf::detail::thread_safe_actor_clock clock_;
  std::thread clock_thread_;
};

/// A configuration whose actor system runs on `rt`.
struct config : caf::actor_system_config {
  explicit config(runtime& rt);
};

/// `scheduler::drain_now`, if `sys` has such a scheduler: in tests it has not.
void drain_now(caf::actor_system& sys);

} // namespace heddle::actors
