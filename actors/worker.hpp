#pragma once

#include "actors/environment.hpp"
#include "actors/protocol/worker.hpp"

#include <boost/unordered/unordered_flat_map.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <string>

namespace heddle::actors {

/// The life of one worker process: starting, ready, closed (takes no new runs),
/// gone. Passes on what it says of its runs; kills it when told to.
class worker_state {
public:
  static constexpr const char* name = "worker";

  explicit worker_state(worker_actor::stateful_pointer<worker_state> self)
    : self_(self) {}

  ~worker_state();

  worker_actor::behavior_type
  make_behavior(environment_ptr env, dispatcher_actor owner, worker_no no);

private:
  /// A loop that has not answered for this long takes no new runs.
  static constexpr std::chrono::seconds ping_every{1};
  static constexpr std::uint64_t missed_pongs_max = 2;

  void take(std::vector<std::pair<worker::run_no, worker::report>> batch);
  void on_process(const worker::report& what);
  void on_gone(const worker::gone& what);
  void forward(worker::run_no no, std::vector<worker::report> reports);
  void on_assign(const assign& msg);
  void on_release(const release& msg);
  void on_quarantine(const quarantine& msg);
  void kill(const char* why);
  void retire(const retire_process& msg);
  void block();
  void on_ping();
  void tell(worker_news::kind what, bool failed = false);
  void arm_ping();

  template <class Body>
  void safely(Body&& body);

  worker_actor::stateful_pointer<worker_state> self_;
  environment_ptr env_; ///< Outlives every actor.
  dispatcher_actor owner_;
  worker_no no_ = 0;
  std::shared_ptr<worker::channel> channel_;
  boost::unordered_flat_map<worker::run_no, slot_client_actor> clients_;
  std::set<worker::run_no> quarantined_by_;
  bool ready_ = false;
  bool gone_ = false;
  bool ordered_ = false; ///< It was killed or told to exit by us.
  bool retiring_ = false;
  bool blocked_ = false;
  std::int64_t pid_ = 0;
  std::uint64_t pings_ = 0;
  std::uint64_t pongs_ = 0;
  timer_source::id timer_ = 0;
  timer_source::id deadline_ = 0;
};

/// Launches a process. The channel is there at once; the dispatcher hears
/// `worker_news` of `no`.
std::pair<worker_actor, std::shared_ptr<worker::channel>>
spawn_worker(caf::actor_system& sys, environment& env,
             worker::launcher& launcher, dispatcher_actor owner, worker_no no);

} // namespace heddle::actors
