#pragma once

#include "actors/ask.hpp"
#include "actors/audience.hpp"
#include "actors/cancel_write.hpp"
#include "actors/directory.hpp"
#include "actors/environment.hpp"
#include "actors/known_runs.hpp"
#include "actors/protocol/thread.hpp"
#include "core/attempt.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace heddle::actors {

/// The one that decides for the runs of a thread. Asks the store before it
/// believes anything: the row decides, and what it decided comes back as a
/// message. Holds only what is in motion; retires when nothing is.
class thread_state {
public:
  static constexpr const char* name = "thread";

  explicit thread_state(thread_actor::stateful_pointer<thread_state> self)
    : self_(self) {}

  ~thread_state();

  thread_actor::behavior_type make_behavior(environment_ptr env, thread_id id,
                                            directory::generation which,
                                            bool orphaned);

private:
  /// While a run executes, its row is looked at this often: whatever told of an
  /// intent may have been lost.
  static constexpr std::chrono::seconds look_every{1};
  /// But not more looks than this in a second, whatever executes.
  static constexpr std::uint64_t looks_per_second = 2000;

  /// The attempt that executes, or has been left and is being written down.
  struct execution {
    run_row row;
    run_ref ref;
    run_actor actor;
    cancel_intent intent; ///< As far as it is known to be committed.
    timestamp asked_at;   ///< When the intent was committed.
    bool timed_out = false;
    bool stop_sent = false;
    bool leaving = false; ///< The write that ends it is under way.
    bool silent = false;
    std::optional<attempt_over> over;
    timer_source::id timer = 0;
    timer_source::id look_timer = 0;
  };

  /// Someone who waits until runs are over.
  struct end_wait {
    std::set<run_id> left;
    std::map<run_id, std::optional<run_status>> ends; ///< None: deleted.
    std::function<void(const end_wait&)> done;
  };

  struct started {
    started_run run;
    event_ptr metadata;
    event_id last_event;
  };

  struct offered {
    std::optional<started> run;
    head_hint head;
  };

  struct made_run {
    result<run_record> record{error{errc::internal, ""}};
    std::vector<std::pair<run_row, cancel_outcome>> superseded;
    std::optional<started> run;
    head_hint head;
  };

  // -- thread.cpp: life, writes, timers
  template <class Body>
  void safely(Body&& body);
  template <class Message>
  auto handler(void (thread_state::*body)(const Message&));
  /// Writes; `then(result)` goes on in this actor.
  template <class Op, class Then>
  void commit(lane where, Op op, Then then);
  /// The same for a read.
  template <class Query, class Then>
  void look_up(Query query, Then then);
  template <class Value, class Then>
  auto back_here(Then then);
  /// Sends itself `msg` after a pause: the store could not take it now.
  template <class Message>
  void again_later(Message msg);
  /// Sends itself `msg` after `delay`, if it still lives.
  template <class Message>
  timer_source::id after(std::chrono::milliseconds delay, Message msg);
  void resumed(const resume& msg);
  void adopt_orphans();
  void maybe_retire();
  void on_timer(const thread_timer& msg);
  void on_shut_down(const shut_down& msg);
  void on_close(const close_thread& msg);
  void finish_closing();
  bool at_rest() const;

  // -- thread_create.cpp
  void on_create(const create_run& msg);
  void create_next();
  void create(const create_run& msg, slot_ptr place);
  struct creation {
    assistant_id assistant;
    thread_id thread;
    graph_registry* graphs;
    std::size_t waiting_max = 0;  ///< Runs that may wait on one thread.
    std::optional<kind_no> start; ///< A slot of this kind is at hand.
    timestamp now;
  };
  static made_run make_run(write_tx& tx, const create_run& msg,
                           const creation& how);
  void created(const create_run& msg, result<made_run> got, slot_ptr place);
  void creation_done();
  /// Runs `f` once no create is under way: a cancel never overtakes one.
  void after_creates(std::function<void()> f);

  // -- thread_execute.cpp
  void on_offer(const offer& msg);
  void offer_again();
  void begin_start();
  void start_over();
  void refill_later();
  void execute(started what, slot_ptr place);
  void forget_timers();
  std::chrono::milliseconds until_look() const;
  void on_published(const published& msg);
  void on_attempt_over(const attempt_over& msg);
  void on_attempt_silent(const attempt_silent& msg);
  void decide();
  void write_finish(core::write_finish what);
  void write_effect();
  void write_requeue(core::write_requeue what);
  struct left {
    leave_outcome outcome;
    event_ptr error;
    std::optional<thread_record> thread;
    head_hint head;
  };
  void on_left(result<left> got, bool effect);
  void left_for_good(const left& got, bool effect);
  void over(const run_id& run, std::optional<run_status> status,
            const std::optional<thread_record>& thread);
  void retry_later();

  // -- thread_cancel.cpp
  void on_cancel(const cancel_runs& msg);
  void cancelled(const cancel_runs& msg, result<cancelled_runs> got);
  void learn_runs();
  bool creating() const noexcept;
  void met(const run_id& run, const cancel_outcome& outcome,
           cancel_action action, const std::string& reason);
  void raise_intent(cancel_action action, const std::string& reason);
  void stop(core::stop_cause cause, const std::string& reason);
  void on_recheck(const recheck& msg);
  struct checked_rows {
    std::vector<std::pair<run_id, std::optional<run_record>>> records;
    std::optional<run_row> current;
  };
  void rechecked(const checked_rows& rows);
  void on_delete_run(const delete_run& msg);
  void on_delete_thread(const delete_thread& msg);
  void on_await_over(const await_over& msg);
  void wait_for(std::set<run_id> runs,
                std::function<void(const end_wait&)> done);

  // -- thread_follow.cpp
  void on_follow(const follow_run& msg);
  void on_leave(const leave_run& msg);
  struct look;
  void found(const follow_run& msg, std::uint64_t no, result<look> got);
  void end_audience(const run_id& run, end_reason why,
                    std::optional<run_status> status,
                    const std::optional<thread_record>& thread);
  follower place_of(const run_id& run, std::uint64_t no) const;

  // -- thread_ask.cpp
  void on_ask(const ask_graph& msg);
  void look_for_ask(const ask_graph& msg);
  void refuse_update(const ask_graph& msg);
  struct ask_facts;
  void prepared(const ask_graph& msg, result<ask_facts> got);
  void answered(const ask_graph& msg, std::optional<std::uint64_t> resting,
                result<graph_answer> got);
  void keep_views(std::vector<checkpoint_view> views);
  void go_on_with_update();
  void ask_done();

  // Helpers of transactions: static, run on the writer's thread.
  static std::optional<started> start_in(write_tx& tx, const run_id& run,
                                         timestamp now);

  thread_actor::stateful_pointer<thread_state> self_;
  environment_ptr env_; ///< Outlives every actor.
  thread_id id_;
  directory::generation which_ = 0;
  bool retired_ = false;
  std::size_t busy_ = 0; ///< Writes, reads and questions under way.

  std::optional<execution> now_;
  bool starting_ = false; ///< A start, or the adoption of orphans, under way.
  bool updating_ = false; ///< A client's state update: no run starts.
  /// An update that waits for the start, or the end, that was under way when
  /// it came.
  std::function<void()> update_waits_;
  std::uint64_t starts_ = 0;      ///< Runs that have begun to start.
  bool held_back_ = false;        ///< An offer was turned down because of that.
  std::list<create_run> creates_; ///< In the order of their coming.
  bool slot_asked_ = false;
  kind_no asked_kind_ = 0;
  std::size_t creating_ = 0;
  known_runs known_;
  std::vector<std::function<void()>> after_creates_;
  std::map<run_id, audience> audiences_;
  std::vector<end_wait> waits_;
  std::uint64_t timer_serial_ = 0;
  bool shutting_down_ = false;
  std::optional<reply<void>> closing_;
  thread_actor keep_; ///< Itself, while it closes.
};

/// Spawns the actor of a thread.
thread_actor spawn_thread(caf::actor_system& sys, environment& env,
                          const thread_id& id, directory::generation which,
                          bool orphaned);

// -- templates ----------------------------------------------------------------

/// A completion that brings its result back to this actor, if it still lives.
template <class Value, class Then>
auto thread_state::back_here(Then then) {
  ++busy_;
  auto weak = caf::actor_cast<caf::weak_actor_ptr>(thread_actor{self_});
  return [this, weak, then = std::move(then)](result<Value> got) mutable {
    auto strong = weak.lock();
    if (!strong)
      return;
    auto held = std::make_shared<result<Value>>(std::move(got));
    caf::anon_send(caf::actor_cast<thread_actor>(strong),
                   resume{[this, held, then = std::move(then)]() mutable {
                     --busy_;
                     then(std::move(*held));
                   }});
  };
}

template <class Message>
void thread_state::again_later(Message msg) {
  constexpr std::chrono::seconds pause{1};
  after(pause, std::move(msg));
}

template <class Message>
timer_source::id thread_state::after(std::chrono::milliseconds delay,
                                     Message msg) {
  auto weak = caf::actor_cast<caf::weak_actor_ptr>(thread_actor{self_});
  return env_->timers.after(delay, [weak, msg = std::move(msg)] {
    if (auto strong = weak.lock())
      caf::anon_send(caf::actor_cast<thread_actor>(strong), msg);
  });
}

template <class Op, class Then>
void thread_state::commit(lane where, Op op, Then then) {
  using value = decltype(op(std::declval<write_tx&>()));
  write(env_->rows, where, std::move(op), back_here<value>(std::move(then)));
}

template <class Query, class Then>
void thread_state::look_up(Query query, Then then) {
  using value = decltype(query(std::declval<read_tx&>()));
  read(env_->rows, std::move(query), back_here<value>(std::move(then)));
}

} // namespace heddle::actors
