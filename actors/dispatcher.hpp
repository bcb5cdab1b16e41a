#pragma once

#include "actors/environment.hpp"
#include "actors/protocol/worker.hpp"
#include "actors/ready_window.hpp"
#include "actors/worker_kind.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>

namespace heddle::actors {

/// Brings runs that may start together with free slots. Knows a bounded window
/// of them; the rest stays in the store. Keeps the configured number of worker
/// processes of its kind alive.
class dispatcher_state {
public:
  static constexpr const char* name = "dispatcher";

  explicit dispatcher_state(
    dispatcher_actor::stateful_pointer<dispatcher_state> self)
    : self_(self) {}

  ~dispatcher_state();

  dispatcher_actor::behavior_type make_behavior(environment_ptr env,
                                                const worker_kind* kind,
                                                graph_filter graphs);

private:
  static constexpr std::size_t waiters_max = 1000;
  static constexpr std::size_t alone_max = 2; ///< Processes for one run each.
  static constexpr std::chrono::milliseconds relaunch_first{100};
  static constexpr std::chrono::milliseconds relaunch_last{10'000};

  struct process {
    worker_actor actor;
    std::shared_ptr<worker::channel> channel;
    bool ready = false;
    bool closed = false;
    bool blocked = false;
    bool alone = false; ///< For one run with a strike; then it goes.
    std::size_t used = 0;
    worker::run_no last_no = 0;
  };

  struct waiter {
    std::uint64_t ticket = 0;
    std::function<void(slot_ptr)> take;
    timer_source::id timer = 0;
  };

  void launch(bool alone);
  void launch_missing();
  void on_news(const worker_news& msg);
  void on_gone(worker_no no, bool failed_to_start);
  void on_freed(const slot_freed& msg);
  void on_want(const want_slot& msg);
  void on_wait_over(std::uint64_t ticket);
  void on_halt(const halt& msg);
  void on_halt_now();

  /// Gives free slots to who waits: asks first, then runs in their order.
  void serve();
  bool serve_waiter();
  bool serve_run();
  slot_ptr take_slot(bool alone);
  void offer_run(const ready_run& run, slot_ptr place);
  void read_ready();
  void read_failed();
  void arm_due(timestamp when);
  void finish_halt();

  template <class Body>
  void safely(Body&& body);

  dispatcher_actor::stateful_pointer<dispatcher_state> self_;
  environment_ptr env_;               ///< Outlives every actor.
  const worker_kind* kind_ = nullptr; ///< The same.
  graph_filter graphs_;               ///< Whose runs are its own.
  std::map<worker_no, process> processes_;
  worker_no last_worker_ = 0;
  ready_window window_;
  std::deque<waiter> waiters_;
  std::uint64_t last_ticket_ = 0;
  bool reading_ = false;
  std::optional<timestamp> due_;
  timer_source::id due_timer_ = 0;
  timer_source::id relaunch_timer_ = 0;
  std::chrono::milliseconds relaunch_delay_ = relaunch_first;
  std::shared_ptr<void> halted_;
  bool halting_ = false;
  timer_source::id halt_timer_ = 0;
};

/// `kind` outlives it; it is the `no`th of the server.
dispatcher_actor spawn_dispatcher(caf::actor_system& sys, environment& env,
                                  const worker_kind& kind, kind_no no);

} // namespace heddle::actors
