#include "actors/thread.hpp"

#include "actors/event_ids.hpp"
#include "actors/run.hpp"
#include "core/error_json.hpp"

#include <caf/actor_system.hpp>

#include <algorithm>

// From an offer of the dispatcher to the commit of the run's end.

namespace heddle::actors {

namespace {

json_text metadata_of(const run_row& run) {
  return json_text{R"({"run_id":")" + run.id.str() + R"(","attempt":)"
                   + std::to_string(run.attempt) + "}"};
}

} // namespace

/// Starts a run if its row allows it; a resumable one keeps its first event.
std::optional<thread_state::started>
thread_state::start_in(write_tx& tx, const run_id& run, timestamp now) {
  auto got = tx.start_run(run, now);
  if (!got)
    return std::nullopt;
  started result{std::move(*got), nullptr, {}};
  result.last_event = result.run.last_event;
  auto data = metadata_of(result.run.row);
  if (!result.run.row.flags.resumable) {
    result.metadata = make_event("metadata", std::move(data));
    return result;
  }
  auto id = next_event_id(result.last_event, now);
  result.last_event = id;
  tx.append_events({run, result.run.row.epoch}, {{id, "metadata", data}});
  result.metadata = make_event("metadata", std::move(data), to_string(id));
  return result;
}

void thread_state::on_offer(const offer& msg) {
  auto settled = [who = msg.place->owner(), run = msg.run] {
    caf::anon_send(who, offer_done{run});
  };
  if (now_ || starting_ || updating_ || shutting_down_) {
    held_back_ = true;
    return settled();
  }
  begin_start();
  commit(
    lane::normal,
    [run = msg.run, thread = id_, now = env_->clock.now()](write_tx& tx) {
      offered result{start_in(tx, run, now), {}};
      if (!result.run) // Someone else's turn, or too early.
        result.head = head_of(tx, thread);
      return result;
    },
    [this, place = msg.place, settled](result<offered> got) {
      start_over();
      settled();
      if (got.has_error()) // Full, say: it is ready still.
        refill_later();
      else if (got->run)
        return execute(std::move(*got->run), place);
      else
        follow_head(*env_, id_, got->head);
      offer_again();
    });
}

/// Nothing else may start meanwhile.
void thread_state::begin_start() {
  starting_ = true;
  ++starts_;
}

/// No start is under way any more.
void thread_state::start_over() {
  starting_ = false;
  go_on_with_update();
}

/// The dispatchers look again after a pause.
void thread_state::refill_later() {
  constexpr std::chrono::seconds pause{1};
  env_->timers.after(pause, env_->dispatchers.telling_all(refill{}));
}

/// An offer was turned down while something was under way that has come to
/// nothing: the dispatcher looks again.
void thread_state::offer_again() {
  if (!now_ && !starting_ && !updating_ && std::exchange(held_back_, false))
    env_->dispatchers.tell_all(refill{});
}

void thread_state::execute(started what, slot_ptr place) {
  held_back_ = false; // Its head moves when this one ends.
  const auto& row = what.run.row;
  execution next;
  next.row = row;
  next.ref = {row.id, row.epoch};
  auto me = thread_actor{self_};
  next.actor = spawn_run(self_->system(), *env_, me,
                         {what.run, std::move(place), what.last_event});
  ++timer_serial_;
  using kind = thread_timer::kind;
  next.timer = after(env_->opts.run_timeout,
                     thread_timer{kind::run_timeout, timer_serial_});
  ++env_->counters.runs_started;
  next.look_timer
    = after(until_look(), thread_timer{kind::look, timer_serial_});
  now_ = std::move(next);
  if (auto at = audiences_.find(row.id); at != audiences_.end())
    at->second.publish({&what.metadata, 1});
  if (shutting_down_)
    caf::anon_send(now_->actor, drain_attempt{});
}

/// The more run, the later each has its turn.
std::chrono::milliseconds thread_state::until_look() const {
  const auto& counters = env_->counters;
  auto over = counters.runs_finished + counters.runs_requeued;
  auto started = counters.runs_started.load();
  auto executing = started - std::min<std::uint64_t>(over, started);
  return look_every
         * static_cast<std::int64_t>(1 + executing / looks_per_second);
}

void thread_state::forget_timers() {
  env_->timers.cancel(std::exchange(now_->timer, 0));
  env_->timers.cancel(std::exchange(now_->look_timer, 0));
}

/// After an intent nothing more of the run is shown.
void thread_state::on_published(const published& msg) {
  if (!now_ || now_->ref != msg.run || now_->intent)
    return;
  if (auto at = audiences_.find(msg.run.id); at != audiences_.end())
    at->second.publish(msg.events);
}

void thread_state::on_attempt_over(const attempt_over& msg) {
  if (!now_ || now_->ref != msg.run)
    return;
  forget_timers();
  now_->over = msg;
  decide();
}

void thread_state::on_attempt_silent(const attempt_silent& msg) {
  if (!now_ || now_->ref != msg.run)
    return;
  now_->silent = true;
  decide();
}

/// Writes what follows from how the attempt was left, one write at a time.
void thread_state::decide() {
  if (!now_ || !now_->over || now_->leaving)
    return;
  auto what = core::after_attempt({now_->over->how, now_->intent.has_value(),
                                   now_->timed_out, shutting_down_,
                                   now_->row.strikes, env_->opts.strikes_max});
  if (const auto* finish = std::get_if<core::write_finish>(&what))
    return write_finish(*finish);
  if (const auto* requeue = std::get_if<core::write_requeue>(&what))
    return write_requeue(*requeue);
  // The effect waits until nothing of the run lives in its process.
  if (now_->silent)
    write_effect();
}

void thread_state::write_finish(core::write_finish what) {
  now_->leaving = true;
  run_end end{what.status, now_->over->error};
  if (what.out_of_strikes)
    end.error
      = core::out_of_attempts_json(now_->ref.id, env_->opts.strikes_max);
  else if (what.status == run_status::timeout)
    end.error = core::error_json("TimeoutError", "Run timed out");
  auto now = env_->clock.now();
  auto id = next_event_id(now_->over->last_event, now);
  auto resumable = now_->row.flags.resumable;
  auto readers = audiences_.find(now_->ref.id);
  bool values = readers != audiences_.end() && readers->second.needs_thread();
  commit(
    lane::normal,
    [ref = now_->ref, thread = id_, end, now, id, resumable,
     values](write_tx& tx) {
      left result;
      if (!end.error.empty()) {
        result.error
          = make_event("error", end.error, resumable ? to_string(id) : "");
        if (resumable)
          tx.append_events(ref, {{id, "error", end.error}});
      }
      result.outcome = tx.finish_run(ref, end, now);
      if (values)
        result.thread = tx.thread(thread);
      result.head = head_of(tx, thread);
      return result;
    },
    [this](result<left> got) { on_left(std::move(got), false); });
}

void thread_state::write_requeue(core::write_requeue what) {
  now_->leaving = true;
  auto now = env_->clock.now();
  ++env_->counters.runs_requeued;
  if (what.strike)
    ++env_->counters.strikes;
  commit(
    lane::normal,
    [ref = now_->ref, thread = id_, what, now](write_tx& tx) {
      left result;
      result.outcome = tx.requeue_run(ref, what.strike, now + what.delay, now);
      result.head = head_of(tx, thread);
      return result;
    },
    [this](result<left> got) { on_left(std::move(got), false); });
}

void thread_state::write_effect() {
  now_->leaving = true;
  auto readers = audiences_.find(now_->ref.id);
  bool values = readers != audiences_.end() && readers->second.needs_thread();
  commit(
    lane::urgent,
    [ref = now_->ref, thread = id_, values,
     now = env_->clock.now()](write_tx& tx) {
      left result;
      result.outcome = tx.apply_effect(ref, now);
      if (values)
        result.thread = tx.thread(thread);
      result.head = head_of(tx, thread);
      return result;
    },
    [this](result<left> got) { on_left(std::move(got), true); });
}

void thread_state::on_left(result<left> got, bool effect) {
  now_->leaving = false;
  if (got.has_error()) { // The disk is full, say: the row still says running.
    env_->log(log_level::error, "the end of a run could not be written",
              {{"run_id", now_->ref.id.str()}, {"error", got.error().detail}});
    retry_later();
    return go_on_with_update();
  }
  const auto& outcome = got->outcome;
  if (outcome.what == leave_outcome::kind::cancelled) {
    raise_intent(outcome.intent.value_or(cancel_action::interrupt), {});
    return decide();
  }
  left_for_good(*got, effect);
  follow_head(*env_, id_, got->head);
  if (outcome.outbox)
    env_->on_outbox();
  go_on_with_update();
}

void thread_state::left_for_good(const left& got, bool effect) {
  using kind = leave_outcome::kind;
  const auto& outcome = got.outcome;
  auto run = now_->ref.id;
  auto gone = std::exchange(now_, std::nullopt);
  if (outcome.what == kind::left && outcome.status == run_status::pending)
    return; // Its readers stay: the next attempt goes on.
  if (effect && gone->intent)
    env_->counters.stopped(*gone->intent, env_->clock.now() - gone->asked_at);
  ++env_->counters.runs_finished;
  auto status
    = outcome.what == kind::left ? outcome.status : std::optional<run_status>{};
  if (got.error)
    if (auto at = audiences_.find(run); at != audiences_.end())
      at->second.publish({&got.error, 1});
  over(run, status, got.thread);
}

/// A run is over: its terminal status is committed, or it is gone.
void thread_state::over(const run_id& run, std::optional<run_status> status,
                        const std::optional<thread_record>& thread) {
  end_audience(run, end_reason::over, status, thread);
  for (auto& wait : waits_)
    if (wait.left.erase(run) > 0)
      wait.ends[run] = status;
  std::vector<end_wait> done;
  std::erase_if(waits_, [&done](end_wait& wait) {
    if (!wait.left.empty())
      return false;
    done.push_back(std::move(wait));
    return true;
  });
  for (const auto& wait : done)
    wait.done(wait);
}

/// Tries again to write an end that the store refused. Nothing is answered with
/// success meanwhile; the intent, if there is one, stands.
void thread_state::retry_later() {
  again_later(thread_timer{thread_timer::kind::retry, timer_serial_});
}

} // namespace heddle::actors
