#pragma once

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/detail/thread_safe_actor_clock.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace heddle {
class runtime;
} // namespace heddle

namespace heddle::actors {

class shard_lane;

/// CAF tells its clock when an actor ends, which wakes the clock's thread: far
/// too much for an actor that lives as long as one request. As long as nobody
/// has set a timeout there is nothing to cancel.
class lazy_clock final : public caf::detail::thread_safe_actor_clock {
public:
  using super = caf::detail::thread_safe_actor_clock;

  void set_ordinary_timeout(time_point t, caf::abstract_actor* self,
                            caf::atom_value type, std::uint64_t id) override;
  void set_request_timeout(time_point t, caf::abstract_actor* self,
                           caf::message_id id) override;
  void set_multi_timeout(time_point t, caf::abstract_actor* self,
                         caf::atom_value type, std::uint64_t id) override;
  void cancel_timeouts(caf::abstract_actor* self) override;

private:
  /// An actor's own timeouts are set before it ends: no order is needed.
  std::atomic<bool> used_ = false;
};

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

  lazy_clock& clock() noexcept override { return clock_; }

  void start() override;

  /// Ends CAF's clock, runs what was posted to the shards, and releases the
  /// jobs that are left. Later ones are released at once.
  void stop() override;

private:
  runtime& rt_;
  std::vector<std::shared_ptr<shard_lane>> lanes_; ///< By shard.
  lazy_clock clock_;
  std::thread clock_thread_;
};

/// A configuration whose actor system runs on `rt`.
struct config : caf::actor_system_config {
  explicit config(runtime& rt);
};

/// `scheduler::drain_now`, if `sys` has such a scheduler: in tests it has not.
void drain_now(caf::actor_system& sys);

} // namespace heddle::actors
