#include "actors/thread.hpp"

#include "actors/shell.hpp"

#include <caf/actor_system.hpp>

namespace heddle::actors {

thread_state::~thread_state() {
  if (!env_)
    return;
  if (now_)
    forget_timers();
  --env_->counters.threads_live;
}

/// After a bug: what executes here is stopped, and the successor, which is
/// woken at once, requeues it.
template <class Body>
void thread_state::safely(Body&& body) {
  guarded(env_->log, name, std::forward<Body>(body), [this] {
    if (now_)
      caf::anon_send_exit(now_->actor, caf::exit_reason::kill);
    env_->threads->bury(id_, which_);
    env_->threads->tell(id_, recheck{});
    self_->quit(caf::exit_reason::unhandled_exception);
  });
}

/// A handler that cannot end the actor unseen, and that sends on what comes
/// after its retirement.
template <class Message>
auto thread_state::handler(void (thread_state::*body)(const Message&)) {
  return [this, body](const Message& msg) {
    if (retired_) {
      if constexpr (std::is_same_v<Message, thread_timer>)
        return; // The successor counts its own.
      ++env_->counters.forwarded;
      return env_->threads->tell(id_, msg);
    }
    safely([&] {
      (this->*body)(msg);
      maybe_retire();
    });
  };
}

thread_actor::behavior_type
thread_state::make_behavior(environment_ptr env, thread_id id,
                            directory::generation which, bool orphaned) {
  env_ = env;
  id_ = id;
  which_ = which;
  ++env_->counters.threads_live;
  if (orphaned)
    adopt_orphans();
  using self = thread_state;
  return {
    handler(&self::on_published),      handler(&self::resumed),
    handler(&self::on_create),         handler(&self::on_cancel),
    handler(&self::on_offer),          handler(&self::on_attempt_over),
    handler(&self::on_attempt_silent), handler(&self::on_follow),
    handler(&self::on_leave),          handler(&self::on_await_over),
    handler(&self::on_recheck),        handler(&self::on_delete_run),
    handler(&self::on_delete_thread),  handler(&self::on_ask),
    handler(&self::on_timer),          handler(&self::on_shut_down),
    handler(&self::on_close),
  };
}

void thread_state::resumed(const resume& msg) {
  msg.then();
}

/// What the actor before this one left executing: its worker is fenced off by
/// the new epoch, and nobody else will write its end.
void thread_state::adopt_orphans() {
  starting_ = true;
  commit(
    lane::normal,
    [id = id_, now = env_->clock.now()](write_tx& tx) {
      for (const auto& row : tx.live_rows(id, 1000)) {
        run_ref ref{row.id, row.epoch};
        if (row.status == run_status::running && row.cancel)
          tx.apply_effect(ref, now);
        else if (row.status == run_status::running)
          tx.requeue_run(ref, false, now, now);
      }
      return head_of(tx, id);
    },
    [this](result<head_hint> head) {
      if (head.has_error())
        return again_later(thread_timer{thread_timer::kind::adopt, 0});
      start_over();
      follow_head(*env_, id_, *head);
      offer_again();
      on_recheck({}); // Someone may wait for an end that was written here.
      env_->on_outbox();
    });
}

bool thread_state::at_rest() const {
  return !now_ && !starting_ && !updating_ && !slot_asked_ && busy_ == 0
         && creating_ == 0 && creates_.empty() && audiences_.empty()
         && waits_.empty();
}

void thread_state::maybe_retire() {
  finish_closing();
  if (retired_ || closing_ || !at_rest())
    return;
  retired_ = true;
  env_->threads->retire(id_, which_);
}

// -- timers -------------------------------------------------------------------

void thread_state::on_timer(const thread_timer& msg) {
  if (msg.what == thread_timer::kind::adopt)
    return adopt_orphans();
  if (!now_ || msg.serial != timer_serial_)
    return;
  if (msg.what == thread_timer::kind::retry)
    return decide();
  if (now_->over)
    return;
  if (msg.what == thread_timer::kind::look) {
    if (!now_->intent)
      now_->look_timer = after(until_look(), msg);
    return on_recheck({});
  }
  now_->timed_out = true;
  stop(core::stop_cause::timeout, "Run timed out");
}

// -- the end ------------------------------------------------------------------

void thread_state::on_shut_down(const shut_down&) {
  shutting_down_ = true;
  if (now_ && !now_->over && !now_->intent)
    caf::anon_send(now_->actor, drain_attempt{});
}

void thread_state::on_close(const close_thread& msg) {
  shutting_down_ = true;
  closing_ = msg.latch;
  keep_ = thread_actor{self_}; // The directory has let go of it.
}

/// Closes once nothing is under way: then the store has what there was to say.
void thread_state::finish_closing() {
  if (!closing_ || now_ || starting_ || busy_ > 0)
    return;
  for (auto& [run, readers] : audiences_)
    readers.end(end_reason::unavailable, nullptr);
  audiences_.clear();
  waits_.clear();
  creates_.clear();
  after_creates_.clear();
  closing_.reset();
  self_->quit();
  keep_ = thread_actor{};
}

thread_actor spawn_thread(caf::actor_system& sys, environment& env,
                          const thread_id& id, directory::generation which,
                          bool orphaned) {
  return sys.spawn<caf::lazy_init>(
    [](thread_actor::stateful_pointer<thread_state> self, environment_ptr where,
       thread_id thread, directory::generation generation, bool adopt) {
      return self->state.make_behavior(where, thread, generation, adopt);
    },
    env.ptr(), id, which, orphaned);
}

} // namespace heddle::actors
