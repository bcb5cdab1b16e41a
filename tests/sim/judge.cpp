#include "tests/sim/judge.hpp"

#include <algorithm>

// What is committed: the life of runs, held against the invariants.

namespace heddle::test {

void judge::fail(const std::string& what, const ghost_run* run) {
  std::string text = what + " (step " + std::to_string(step_);
  if (run)
    text += ", run " + run->row.id.str() + " status "
            + std::string{to_string(run->row.status)} + " cancel "
            + (run->row.cancel ? std::string{to_string(*run->row.cancel)}
                               : std::string{"none"})
            + " epoch " + std::to_string(run->row.epoch)
            + (run->gone ? " gone" : "");
  if (!broken_)
    broken_ = text + ")";
}

ghost_run* judge::find(const run_id& run) {
  auto at = numbers_.find(run);
  return at == numbers_.end() ? nullptr : &runs_.at(at->second);
}

bool judge::keeps_events(const ghost_run& run) const {
  return log_.kept_events(run.row.n) == run.events.size();
}

void judge::catch_up() {
  auto lines = log_.take();
  if (lines.empty())
    return;
  for (const auto& line : lines)
    take(line);
  end_of_batch();
}

void judge::take(const ghost_line& line) {
  using kind = ghost_line::kind;
  switch (line.what) {
    case kind::run_inserted: return inserted(line);
    case kind::run_changed: return changed(line);
    case kind::run_deleted: return deleted(line);
    case kind::thread_inserted:
      threads_[line.n] = thread_id{line.id};
      threads_deleted_.erase(line.n); // Numbers may come again.
      busy_.erase(line.n);
      return;
    case kind::thread_changed:
    case kind::thread_deleted:
      threads_deleted_.insert(line.n);
      for (auto& [n, run] : runs_)
        if (run.thread == line.n)
          run.before.reset(); // There is nothing to lead back to.
      return;
    case kind::checkpoint:
    case kind::write:
    case kind::event: return kept(line);
    case kind::hook:
      newly_hooked_.emplace_back(line.id);
      seen_.note(situation::webhook_sent);
      return;
    case kind::op: return begin_op(static_cast<std::uint64_t>(line.n));
  }
}

void judge::inserted(const ghost_line& line) {
  ghost_run run;
  run.row = line.after;
  run.thread = line.thread;
  run.created_at = step_;
  run.multitask = static_cast<multitask_strategy>(line.multitask);
  run.delete_asked = early_deletes_.contains(run.row.id);
  require(run.row.status == run_status::pending && !run.row.cancel,
          "a run is born pending", &run);
  if (run.multitask == multitask_strategy::reject)
    for (const auto& [n, other] : runs_)
      require(other.thread != run.thread || !other.live() || other.row.cancel,
              "`reject` beside a run in flight", &other);
  newly_inserted_.push_back(line.n);
  numbers_[run.row.id] = line.n;
  runs_[line.n] = std::move(run);
}

void judge::changed(const ghost_line& line) {
  auto& run = runs_[line.n];
  const auto& before = *line.before;
  require(!is_terminal(before.status), "a run that is over has changed", &run);
  run.row = line.after;
  require(run.row.epoch >= before.epoch, "an epoch sank", &run);
  require(!(run.row.cancel < before.cancel), "an intent sank", &run);
  if (run.row.cancel != before.cancel)
    check_raise(run, before);
  if (run.row.status == before.status)
    return;
  if (run.row.status == run_status::running)
    check_start(run, before);
  else
    check_left(run, before);
}

/// Order of starts, one at a time, and nothing that was cancelled.
void judge::check_start(ghost_run& run, const run_row& before) {
  require(before.status == run_status::pending, "started twice", &run);
  require(!before.cancel && !run.accepted, "a cancelled run was started", &run);
  require(run.row.epoch == before.epoch + 1
            && run.row.attempt == before.attempt + 1,
          "a start raises epoch and attempt", &run);
  require(run.row.due <= now_(), "a run was started before it was due", &run);
  auto place = [](const ghost_run& at, bool fresh) {
    return std::tuple{fresh, at.row.due, at.row.n};
  };
  for (const auto& [n, other] : runs_) {
    if (n == run.row.n || other.thread != run.thread || !other.live())
      continue;
    require(other.row.status != run_status::running,
            "two runs of a thread execute", &run);
    if (!other.row.cancel)
      require(place(run, before.attempt == 0)
                < place(other, other.row.attempt == 0),
              "a run was started before its turn", &run);
  }
  run.had_worker = true;
  if (before.attempt == 0)
    newly_started_.push_back(run.row.n);
  if (before.strikes > 0)
    seen_.note(situation::ran_alone);
}

void judge::check_left(ghost_run& run, const run_row& before) {
  auto was_running = before.status == run_status::running;
  run.emitted_at_end = emitted_;
  switch (run.row.status) {
    case run_status::success:
    case run_status::error:
    case run_status::timeout:
      require(was_running && !before.cancel && !run.row.cancel,
              "a run finished against its intent", &run);
      require(!run.accepted, "an accepted cancel was forgotten", &run);
      if (run.row.status == run_status::timeout)
        seen_.note(situation::timed_out);
      if (run.row.status == run_status::error && run.row.strikes >= 2
          && run.deaths.size() >= 3)
        seen_.note(situation::out_of_strikes);
      return;
    case run_status::interrupted:
      require(run.row.cancel == cancel_action::interrupt,
              "interrupted without that intent", &run);
      if (was_running) {
        check_silent(run);
        if (run.said == worker::end_outcome::success)
          seen_.note(situation::cancel_between_end_and_commit);
      }
      return;
    case run_status::pending:
      run.emitted_at_end = UINT64_MAX;
      require(was_running && !before.cancel
                && run.row.epoch == before.epoch + 1,
              "a run was requeued against its intent", &run);
      require(run.row.strikes == run.deaths.size(),
              "the strikes are not the deaths", &run);
      require(run.row.strikes < 3, "a run has too many strikes", &run);
      if (run.row.strikes > before.strikes)
        seen_.note(situation::strike);
      return;
    case run_status::running: return;
  }
}

void judge::check_raise(ghost_run& run, const run_row& before) {
  auto action = *run.row.cancel;
  if (!before.cancel)
    run.intent_at = now_();
  raised_by_op_.insert(run.row.n);
  if (!explained(run, action))
    unexplained_.emplace_back(run.row.n, action);
  if (before.status == run_status::running)
    seen_.note(before.cancel ? situation::cancel_raised_to_rollback
                             : situation::cancel_running);
  if (op_ != 0 && before.status == run_status::running
      && !starts_.contains({run.row.id, before.epoch}))
    seen_.note(situation::bulk_mark_beside_start);
}

/// At the effect nothing of the run lives in any process of this epoch.
void judge::check_silent(const ghost_run& run) {
  if (!processes)
    return;
  for (const auto& process : *processes) {
    if (process->gone)
      continue;
    for (const auto& [no, in] : process->works())
      require(!in.run || in.run->run != run.row.id || in.clean
                || in.run->epoch + 1 < run.row.epoch,
              "the effect came before silence", &run);
  }
}

void judge::deleted(const ghost_line& line) {
  auto& run = runs_[line.n];
  bool over = is_terminal(run.row.status);
  run.gone = true;
  run.emitted_at_end = std::min(run.emitted_at_end, emitted_);
  if (over) {
    require(run.delete_asked || run.row.flags.temporary
              || thread_deletes_asked_.contains(threads_[run.thread]),
            "a run that is over was deleted", &run);
    for (auto& [n, other] : runs_) // It may have built on that one.
      if (other.thread == run.thread)
        other.before.reset();
    return;
  }
  if (run.row.status == run_status::running && run.row.cancel)
    check_silent(run);
  if (run.row.status == run_status::running && run.said && run.row.cancel
      && *run.said == worker::end_outcome::success)
    seen_.note(situation::cancel_between_end_and_commit);
  if (!run.row.flags.temporary && run.row.cancel != cancel_action::rollback
      && !explained(run, cancel_action::rollback))
    unexplained_.emplace_back(line.n, cancel_action::rollback);
  newly_rolled_back_.push_back(line.n);
}

/// Checkpoints, writes and events are taken from the one who may write.
void judge::kept(const ghost_line& line) {
  if (line.n == 0)
    return; // A client's own update.
  auto& run = runs_[line.n];
  require(run.row.status == run_status::running && !run.gone,
          "something was kept of a run that does not execute", &run);
  if (line.what != ghost_line::kind::event) {
    require(run.row.cancel < cancel_intent{cancel_action::rollback},
            "a checkpoint was kept during a rollback", &run);
    return;
  }
  require(!run.row.cancel, "an event was kept after an intent", &run);
  require(run.events.empty() || run.events.back() < line.event,
          "ids of events do not rise", &run);
  run.events.push_back(line.event);
}

bool judge::explained(const ghost_run& run, cancel_action action) const {
  if (run.delete_asked)
    return true;
  if (auto asks = asks_.find(run.row.id); asks != asks_.end())
    for (auto ask : asks->second)
      if (ask >= action)
        return true;
  auto thread = threads_.find(run.thread);
  if (thread != threads_.end()
      && thread_deletes_asked_.contains(thread->second))
    return true;
  return op_ != 0 && bulks_.at(op_).action >= action;
}

/// What no client asked for, a new run of the same commit must have.
void judge::explain(std::int64_t n, cancel_action action) {
  auto& run = runs_.at(n);
  for (auto fresh : newly_inserted_) {
    const auto& by = runs_.at(fresh);
    auto wants = by.multitask == multitask_strategy::interrupt
                   ? cancel_intent{cancel_action::interrupt}
                 : by.multitask == multitask_strategy::rollback
                   ? cancel_intent{cancel_action::rollback}
                   : std::nullopt;
    if (by.thread == run.thread && wants >= cancel_intent{action}) {
      seen_.note(run.row.status == run_status::running
                   ? situation::superseded_running
                   : situation::superseded_pending);
      return;
    }
  }
  fail("a run was cancelled that nobody asked for", &run);
}

void judge::begin_op(std::uint64_t tag) {
  end_op();
  op_ = tag;
}

/// A write is whole. What only a new run can explain must be of its write; a
/// bulk has marked all that there was, and nothing that came later.
void judge::end_op() {
  for (auto [n, action] : unexplained_)
    explain(n, action);
  unexplained_.clear();
  newly_inserted_.clear();
  if (auto bulk = bulks_.find(op_); op_ != 0 && bulk != bulks_.end()) {
    check_bulk(bulk->second.which, bulk->second.action, UINT64_MAX);
    if (bulk->second.silent)
      for (auto n : raised_by_op_)
        runs_.at(n).accepted = runs_.at(n).row.cancel;
  }
  raised_by_op_.clear();
  op_ = 0;
}

void judge::end_of_batch() {
  end_op();
  for (const auto& id : newly_hooked_) {
    auto* run = find(id);
    if (!run)
      fail("a webhook of an unknown run");
    else
      require(!run->live() && ++run->hooks == 1,
              "a webhook before the end, or twice", run);
  }
  newly_hooked_.clear();
  for (auto n : newly_started_)
    if (auto& run = runs_.at(n); !run.gone)
      run.before = log_.snapshot(run.thread, n);
  newly_started_.clear();
  for (auto n : newly_rolled_back_) {
    auto& run = runs_.at(n);
    require(log_.leftovers(n) == 0, "a rollback left something behind", &run);
    if (!run.before || threads_deleted_.contains(run.thread))
      continue;
    if (auto after = log_.snapshot(run.thread, n); *run.before != after)
      fail("a rollback does not lead back to before:\n" + *run.before
             + "but to:\n" + after,
           &run);
    if (run.before->find('|') < run.before->find("--"))
      seen_.note(situation::rolled_back_to_before);
  }
  newly_rolled_back_.clear();
  for (auto& [n, run] : runs_)
    look(run);
  look_at_threads();
}

void judge::look_at_threads() {
  std::map<std::int64_t, bool> busy;
  for (const auto& [n, run] : runs_) {
    bool runs = run.row.status == run_status::running;
    busy[run.thread] |= run.live() && (runs || !run.row.cancel);
  }
  for (auto [thread, is] : busy)
    if (auto& past = busy_[thread]; past.empty() || past.back().second != is)
      past.emplace_back(step_, is);
}

std::optional<run_status> judge::view_of(const ghost_run& run) const {
  if (run.gone || run.row.flags.deleting
      || threads_deleted_.contains(run.thread))
    return std::nullopt;
  if (run.row.status != run_status::pending || !run.row.cancel)
    return run.row.status;
  if (*run.row.cancel == cancel_action::rollback)
    return std::nullopt;
  return run_status::interrupted;
}

void judge::look(ghost_run& run) {
  auto now = view_of(run);
  if (run.views.empty() || run.views.back().second != now)
    run.views.emplace_back(step_, now);
}

} // namespace heddle::test
