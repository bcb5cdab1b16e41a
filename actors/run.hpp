#pragma once

#include "actors/environment.hpp"
#include "actors/protocol/thread.hpp"
#include "actors/run_io.hpp"
#include "core/ladder.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <vector>

namespace heddle::actors {

/// What a run actor is born with.
struct attempt {
  started_run run;
  slot_ptr place;
  event_id last_event; ///< The greatest id given out so far.
};

/// The shell around one attempt: executes `core::advance` of the ladder, keeps
/// what the graph wants kept, and hands its events to the thread. Never writes
/// the run's status: it reports to its thread.
class run_state {
public:
  static constexpr const char* name = "run";

  explicit run_state(run_actor::stateful_pointer<run_state> self)
    : self_(self) {}

  ~run_state();

  run_actor::behavior_type make_behavior(environment_ptr env,
                                         thread_actor owner, attempt what);

private:
  /// Events that wait for their commit are at most this much; then the worker
  /// gets no credit until they are shown.
  static constexpr std::size_t credit_bytes = 1U << 20U;

  void launch();
  void take(const worker::report& what);

  // Reports that are not the ladder's go to `io_` or are counted.
  void on(const worker::events& what);
  void on(const worker::end& what);
  template <class Report>
  void on(const Report& what);

  void climb(const core::ladder_event& event);
  void perform(const core::signal& what);
  void perform(core::set_deadline);
  void perform(core::press);
  void perform(core::kill);
  void perform(const core::report_end& what);
  void perform(core::let_go);

  /// The events that must go so that what is kept stays below its limit.
  std::optional<event_id> too_old(const std::vector<event_row>& fresh);
  void show(std::vector<event_ptr> events, std::size_t cost);
  void keep_then_show(std::vector<event_ptr> events,
                      std::vector<event_row> rows, std::size_t cost);

  /// Tells the thread the end once everything before it is written.
  void report_when_settled();
  void tell_silent();
  void arm(std::chrono::milliseconds delay, bool grace);
  void disarm();
  void die();

  template <class Body>
  void safely(Body&& body);

  run_actor::stateful_pointer<run_state> self_;
  environment_ptr env_; ///< Outlives every actor.
  thread_actor owner_;
  attempt attempt_;
  run_ref ref_;
  std::unique_ptr<run_io> io_;
  core::ladder_state ladder_;
  std::string stop_reason_;
  json_text error_;
  std::optional<core::attempt_end> to_report_;
  bool reported_ = false;
  bool silent_ = false;
  /// What this attempt has kept for replay: ids and sizes.
  std::list<std::pair<event_id, std::size_t>> kept_; // Empty, it takes nothing.
  std::size_t kept_bytes_ = 0;
  timer_source::id half_timer_ = 0;
  timer_source::id grace_timer_ = 0;
};

/// Starts an attempt. The thread hears `attempt_over` once, then
/// `attempt_silent` once.
run_actor spawn_run(caf::actor_system& sys, environment& env,
                    thread_actor owner, attempt what);

} // namespace heddle::actors
