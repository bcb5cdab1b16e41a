#include "actors/scheduler.hpp"

#include "heddle/server_thread.hpp"
#include "runtime/runtime.hpp"

#include <caf/execution_unit.hpp>
#include <caf/logger.hpp>
#include <caf/resumable.hpp>

#include <pthread.h>

#include <cstdint>
#include <deque>
#include <future>
#include <mutex>
#include <utility>

namespace heddle::actors {

namespace {

/// Messages that an actor may handle before it is another's turn. CAF's default
/// is no bound at all.
constexpr int messages_per_turn_max = 32;

/// Turns before the shard's loop goes on: I/O on it waits as long as these
/// take, about a millisecond at worst.
constexpr int turns_per_drain_max = 32;

/// Spreads jobs by their address; consecutive ones must not share a shard.
std::size_t home_of(const caf::resumable* job, std::size_t shards) {
  auto address = reinterpret_cast<std::uintptr_t>(job);
  auto mixed
    = (static_cast<std::uint64_t>(address) >> 6U) * 0x9E3779B97F4A7C15ULL;
  return static_cast<std::size_t>(mixed >> 32U) % shards;
}

} // namespace

void lazy_clock::set_ordinary_timeout(time_point t, caf::abstract_actor* self,
                                      caf::atom_value type, std::uint64_t id) {
  used_ = true;
  super::set_ordinary_timeout(t, self, type, id);
}

void lazy_clock::set_request_timeout(time_point t, caf::abstract_actor* self,
                                     caf::message_id id) {
  used_ = true;
  super::set_request_timeout(t, self, id);
}

void lazy_clock::set_multi_timeout(time_point t, caf::abstract_actor* self,
                                   caf::atom_value type, std::uint64_t id) {
  used_ = true;
  super::set_multi_timeout(t, self, type, id);
}

void lazy_clock::cancel_timeouts(caf::abstract_actor* self) {
  if (used_.load(std::memory_order_relaxed))
    super::cancel_timeouts(self);
}

/// One shard's queues. All of it belongs to the shard's thread, but the inbox.
/// What it posts to the shard shares it: a drain that posts the next one may do
/// so behind the last thing that `stop` waits for.
class shard_lane final : public caf::execution_unit,
                         public std::enable_shared_from_this<shard_lane> {
public:
  shard_lane(caf::actor_system& sys, runtime& rt, std::size_t shard)
    : caf::execution_unit(&sys), rt_(rt), shard_(shard) {}

  /// On the shard's thread; also what an actor that runs here wakes.
  void exec_later(caf::resumable* job) override {
    if (closed_)
      return scheduler::cleanup_and_release(job);
    queue_.push_back(job);
    arm();
  }

  /// Any thread.
  void push(caf::resumable* job) {
    bool wake = false;
    {
      std::unique_lock guard{mutex_};
      if (inbox_closed_) {
        guard.unlock();
        return scheduler::cleanup_and_release(job);
      }
      wake = inbox_.empty();
      inbox_.push_back(job);
    }
    if (wake)
      rt_.run_on(shard_, [self = shared_from_this()] { self->drain(); });
  }

  void drain() {
    if (draining_ || closed_)
      return;
    draining_ = true;
    take_inbox();
    for (int n = 0; n < turns_per_drain_max && !queue_.empty(); ++n) {
      auto* job = queue_.front();
      queue_.pop_front();
      run(job);
    }
    draining_ = false;
    arm();
  }

  /// From here on jobs are released, not run.
  void close() {
    {
      std::lock_guard guard{mutex_};
      inbox_closed_ = true;
    }
    take_inbox();
    closed_ = true;
    // Cleaning up an actor may wake others.
    for (auto* job : std::exchange(queue_, {}))
      scheduler::cleanup_and_release(job);
    // A spawn leaves the system's logger in a variable of the OS thread, and
    // ~actor_system waits until nobody has it. CAF's threads end in time.
    caf::logger::set_current_actor_system(nullptr);
  }

private:
  void arm() {
    if (armed_ || draining_ || queue_.empty())
      return;
    armed_ = true;
    rt_.run_on(shard_, [self = shared_from_this()] {
      self->armed_ = false;
      self->drain();
    });
  }

  void take_inbox() {
    std::lock_guard guard{mutex_};
    queue_.insert(queue_.end(), inbox_.begin(), inbox_.end());
    inbox_.clear();
  }

  void run(caf::resumable* job) {
    auto quantum = static_cast<std::size_t>(messages_per_turn_max);
    if (job->resume(this, quantum) == caf::resumable::resume_later)
      queue_.push_back(job);
    else
      caf::intrusive_ptr_release(job); // Also if it asks the unit to end.
  }

  runtime& rt_;
  const std::size_t shard_;
  std::deque<caf::resumable*> queue_;
  bool armed_ = false; ///< A drain is posted.
  bool draining_ = false;
  bool closed_ = false;

  std::mutex mutex_; // Guards what follows.
  std::vector<caf::resumable*> inbox_;
  bool inbox_closed_ = false;
};

scheduler::scheduler(caf::actor_system& sys, runtime& rt)
  : caf::scheduler::abstract_coordinator(sys), rt_(rt) {
  for (std::size_t shard = 0; shard < rt.shards(); ++shard)
    lanes_.push_back(std::make_shared<shard_lane>(sys, rt, shard));
}

scheduler::~scheduler() = default;

void scheduler::enqueue(caf::resumable* job) {
  auto here = rt_.current_shard();
  if (here < lanes_.size())
    lanes_[here]->exec_later(job);
  else
    lanes_[home_of(job, lanes_.size())]->push(job);
}

void scheduler::drain_now() {
  auto here = rt_.current_shard();
  if (here < lanes_.size())
    lanes_[here]->drain();
}

void scheduler::start() {
  clock_thread_ = std::thread{[this] {
    pthread_setname_np(pthread_self(), "heddle-clock");
    detail::is_server_thread = true;
    clock_.run_dispatch_loop();
  }};
  abstract_coordinator::start();
}

void scheduler::stop() {
  stop_actors();
  clock_.cancel_dispatch_loop();
  clock_thread_.join();
  // What was posted to a shard before runs before this.
  std::vector<std::future<void>> closed;
  for (std::size_t shard = 0; shard < lanes_.size(); ++shard) {
    auto done = std::make_shared<std::promise<void>>();
    closed.push_back(done->get_future());
    rt_.run_on(shard, [lane = lanes_[shard].get(), done] {
      lane->close();
      // Spawning left a reference to the system's logger in this OS thread,
      // and `~actor_system` waits for the last of them.
      caf::logger::set_current_actor_system(nullptr);
      done->set_value();
    });
  }
  for (auto& one : closed)
    one.wait();
}

config::config(runtime& rt) {
  set("scheduler.max-throughput", messages_per_turn_max);
  set("scheduler.max-threads", rt.shards());
  module_factories.push_back([&rt](caf::actor_system& sys) {
    return new scheduler{sys, rt};
  });
}

void drain_now(caf::actor_system& sys) {
  if (auto* ours = dynamic_cast<scheduler*>(&sys.scheduler()))
    ours->drain_now();
}

} // namespace heddle::actors
