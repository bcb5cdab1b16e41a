#include "actors/thread.hpp"

#include "actors/run.hpp"
#include "core/cancel_texts.hpp"
#include "core/thread_errors.hpp"

#include <algorithm>

// Everything that ends a run from outside. Intent before answer: nothing is
// signalled, and nobody is answered, before the commit.

namespace heddle::actors {

namespace {

using outcome = cancel_receipt::outcome;
using kind = cancel_outcome::kind;

core::stop_cause cause_of(cancel_action action) {
  return action == cancel_action::rollback ? core::stop_cause::rollback
                                           : core::stop_cause::interrupt;
}

std::vector<cancel_receipt::entry>
none_of_them(const thread_id& thread, const std::vector<run_id>& runs) {
  std::vector<cancel_receipt::entry> entries;
  for (const auto& run : runs)
    entries.push_back({run, thread, std::nullopt, outcome::not_found});
  return entries;
}

} // namespace

bool thread_state::creating() const noexcept {
  return creating_ > 0 || !creates_.empty();
}

void thread_state::after_creates(std::function<void()> f) {
  if (!creating())
    return f();
  after_creates_.push_back(std::move(f));
}

void thread_state::on_cancel(const cancel_runs& msg) {
  if (!creating() && known_.has_none_of(msg.runs))
    return msg.done.deliver(none_of_them(id_, msg.runs));
  after_creates([this, msg] {
    commit(
      lane::urgent,
      [msg, thread = id_, now = env_->clock.now()](write_tx& tx) {
        return write_cancel(tx, thread, msg, now);
      },
      [this, msg](result<cancelled_runs> got) {
        cancelled(msg, std::move(got));
      });
  });
}

/// Someone asks for runs that are not there: perhaps again and again.
void thread_state::learn_runs() {
  if (!known_.wanted() || creating())
    return;
  look_up([id = id_](
            read_tx& tx) { return tx.run_ids(id, known_runs::runs_max + 1); },
          [this, since = known_.begin()](result<std::vector<run_id>> got) {
            known_.learn(since, got.has_value() ? &*got : nullptr);
          });
}

void thread_state::cancelled(const cancel_runs& msg,
                             result<cancelled_runs> got) {
  if (got.has_error())
    return msg.done.deliver(got.error());
  std::vector<cancel_receipt::entry> entries;
  std::set<run_id> open;
  for (const auto& [run, what] : got->outcomes) {
    entries.push_back({run, id_, what.was, receipt_of(what, msg.action)});
    if (is_stopping(what))
      open.insert(run);
    if (what.what == kind::absent)
      learn_runs();
    met(run, what, msg.action, msg.reason);
  }
  follow_head(*env_, id_, got->head);
  if (msg.after == answer_after::intent || open.empty())
    return msg.done.deliver(std::move(entries));
  wait_for(std::move(open), [entries, done = msg.done](const end_wait& wait) {
    auto answer = entries;
    for (auto& entry : answer)
      if (auto end = wait.ends.find(entry.run); end != wait.ends.end())
        entry.what = end->second ? outcome::interrupted : outcome::rolled_back;
    done.deliver(std::move(answer));
  });
}

/// Takes over what a row let a cancel do.
void thread_state::met(const run_id& run, const cancel_outcome& outcome,
                       cancel_action action, const std::string& reason) {
  if (outcome.what == kind::ended) {
    ++env_->counters.intents;
    bool gone = action == cancel_action::rollback;
    over(run, gone ? std::nullopt : std::optional{run_status::interrupted},
         std::nullopt);
    if (outcome.outbox)
      env_->on_outbox();
  } else if (is_stopping(outcome) && now_ && now_->ref.id == run) {
    raise_intent(action, reason);
  }
}

/// The intent of the run that executes is committed: now it may be told.
void thread_state::raise_intent(cancel_action action,
                                const std::string& reason) {
  if (!now_->intent) {
    ++env_->counters.intents;
    now_->asked_at = env_->clock.now();
  }
  now_->intent = std::max(now_->intent, cancel_intent{action});
  stop(cause_of(*now_->intent), reason);
}

void thread_state::stop(core::stop_cause cause, const std::string& reason) {
  if (std::exchange(now_->stop_sent, true))
    return;
  caf::anon_send<caf::message_priority::high>(now_->actor,
                                              stop_attempt{cause, reason});
}

void thread_state::wait_for(std::set<run_id> runs,
                            std::function<void(const end_wait&)> done) {
  waits_.push_back({std::move(runs), {}, std::move(done)});
}

// -- bulk ---------------------------------------------------------------------

/// Looks at the row that executes and at every run that someone here waits for.
void thread_state::on_recheck(const recheck&) {
  std::set<run_id> runs;
  for (const auto& [run, readers] : audiences_)
    runs.insert(run);
  for (const auto& wait : waits_)
    runs.insert(wait.left.begin(), wait.left.end());
  std::optional<run_id> current;
  if (now_) {
    current = now_->ref.id;
    runs.insert(*current);
  }
  if (runs.empty())
    return;
  look_up(
    [thread = id_, runs, current](read_tx& tx) {
      checked_rows result;
      for (const auto& run : runs)
        result.records.emplace_back(run, tx.run(thread, run));
      if (current)
        result.current = tx.row(*current);
      return result;
    },
    [this](result<checked_rows> got) {
      if (got.has_value())
        return rechecked(*got);
      again_later(recheck{}); // A mark must not be missed.
    });
}

void thread_state::rechecked(const checked_rows& rows) {
  std::string reason;
  for (const auto& [run, record] : rows.records) {
    if (now_ && now_->ref.id == run) {
      reason = record ? record->cancel_reason : std::string{};
      continue; // Its own end is written here.
    }
    if (!record)
      over(run, std::nullopt, std::nullopt);
    else if (is_terminal(record->status))
      over(run, record->status, std::nullopt);
  }
  const auto& row = rows.current;
  if (row && now_ && now_->ref == run_ref{row->id, row->epoch} && row->cancel
      && now_->intent < row->cancel)
    raise_intent(*row->cancel, reason);
}

void thread_state::on_await_over(const await_over& msg) {
  wait_for({msg.runs.begin(), msg.runs.end()},
           [done = msg.done](const end_wait&) { done.deliver({}); });
  on_recheck({});
}

// -- deletes ------------------------------------------------------------------

void thread_state::on_delete_run(const delete_run& msg) {
  after_creates([this, msg] {
    struct deleted {
      delete_outcome outcome;
      head_hint head;
    };
    auto reason = core::run_deleted_reason();
    commit(
      lane::urgent,
      [run = msg.run, thread = id_, reason,
       now = env_->clock.now()](write_tx& tx) {
        deleted result;
        result.outcome = tx.delete_run(thread, run, reason, now);
        result.head = head_of(tx, thread);
        return result;
      },
      [this, msg, reason](result<deleted> got) {
        if (got.has_error())
          return msg.done.deliver(got.error());
        using what = delete_outcome::kind;
        if (got->outcome.what == what::absent)
          return msg.done.deliver(error{errc::not_found, "Run not found"});
        if (got->outcome.what == what::gone)
          over(msg.run, std::nullopt, std::nullopt);
        else if (now_ && now_->ref.id == msg.run)
          raise_intent(cancel_action::rollback, reason);
        follow_head(*env_, id_, got->head);
        env_->on_outbox(); // One between attempts may owe a webhook.
        msg.done.deliver({});
      });
  });
}

void thread_state::on_delete_thread(const delete_thread& msg) {
  after_creates([this, msg] {
    auto reason = core::thread_deleted_reason();
    using running = std::optional<std::vector<run_row>>;
    commit(
      lane::urgent,
      [thread = id_, reason, now = env_->clock.now()](write_tx& tx) {
        return tx.delete_thread(thread, reason, now);
      },
      [this, msg, reason](result<running> got) {
        if (got.has_error())
          return msg.done.deliver(got.error());
        if (!*got)
          return msg.done.deliver(core::thread_not_found(id_));
        if (now_)
          raise_intent(cancel_action::rollback, reason);
        env_->on_outbox();
        msg.done.deliver({});
        on_recheck({}); // The pending ones are gone.
      });
  });
}

} // namespace heddle::actors
