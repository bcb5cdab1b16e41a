#include "tests/sim/judge.hpp"

#include <algorithm>

// What is answered, shown and executed, held against what is committed.

namespace heddle::test {

// -- who asks for what --------------------------------------------------------

void judge::asked(const run_id& run, cancel_action action) {
  asks_[run].push_back(action);
}

/// An ask has come to nothing, and must never come to anything.
void judge::withdraw(const run_id& run, cancel_action action) {
  auto& asks = asks_[run];
  if (auto at = std::ranges::find(asks, action); at != asks.end())
    asks.erase(at);
}

void judge::delete_asked(const run_id& run) {
  if (auto* known = find(run))
    known->delete_asked = true;
  else
    early_deletes_.insert(run);
}

void judge::thread_delete_asked(const thread_id& thread) {
  thread_deletes_asked_.insert(thread);
}

std::uint64_t judge::bulk_asked(cancel_by_status which, cancel_action action,
                                bool silent) {
  bulks_[++last_bulk_] = {which, action, silent};
  return last_bulk_;
}

// -- answers ------------------------------------------------------------------

/// What an answer promises is committed when it is given.
void judge::check_accepted(ghost_run& run, cancel_action action) {
  run.accepted = std::max(run.accepted, cancel_intent{action});
  if (run.gone || run.row.status == run_status::interrupted)
    return;
  require(!is_terminal(run.row.status), "a cancel of what is over", &run);
  require(run.row.cancel >= cancel_intent{action},
          "a cancel was answered before its commit", &run);
}

/// Whatever was in flight before step `since` is marked: asked in the midst of
/// the write that marks, and again at its answer.
void judge::check_bulk(const cancel_by_status& which, cancel_action action,
                       std::uint64_t since) {
  bool both = which.pending && which.running;
  bool now = since == UINT64_MAX;
  for (auto& [n, run] : runs_) {
    bool pending = run.row.status == run_status::pending;
    bool meant = now ? (pending ? which.pending : which.running) : both;
    if (!meant || !run.live() || run.created_at >= since
        || threads_deleted_.contains(run.thread) || run.row.flags.deleting)
      continue;
    // A pending run that is marked already keeps its mark.
    auto least = pending ? cancel_intent{cancel_action::interrupt}
                         : cancel_intent{action};
    require(run.row.cancel >= least, "a bulk has passed over a run", &run);
  }
}

/// What was not found was not touched, and must not be later.
void judge::refused(const cancel_request& what, std::uint64_t since, errc why) {
  const auto* ids = std::get_if<cancel_by_ids>(&what.what);
  if (!ids || why != errc::not_found)
    return; // It may wait in vain for an effect that is still to come.
  for (const auto& id : ids->runs) {
    auto* run = find(id);
    if (run && run->live() && !run->row.cancel && run->created_at < since
        && threads_[run->thread] == ids->thread)
      fail("a run in flight was not found", run);
    withdraw(id, what.action);
  }
}

void judge::cancel_answered(const cancel_request& what, std::uint64_t since,
                            const result<cancel_receipt>& got) {
  using outcome = cancel_receipt::outcome;
  catch_up();
  if (what.dry_run)
    return;
  if (got.has_error())
    return refused(what, since, got.error().code);
  if (const auto* status = std::get_if<cancel_by_status>(&what.what))
    check_bulk(*status, what.action, since);
  for (const auto& one : got->runs) {
    auto* run = find(one.run);
    bool stopped = one.what == outcome::stopping
                   || one.what == outcome::interrupted
                   || one.what == outcome::rolled_back;
    if (!stopped && std::holds_alternative<cancel_by_ids>(what.what))
      withdraw(one.run, what.action);
    if (!run || !stopped)
      continue;
    // Of what was stopping already it says what that came to.
    auto action = one.what == outcome::interrupted ? cancel_action::interrupt
                                                   : what.action;
    check_accepted(*run, action);
    if (std::holds_alternative<cancel_by_ids>(what.what))
      run->emitted_at_answer = std::min(run->emitted_at_answer, emitted_);
    if (what.after == answer_after::effect)
      require(!run->live() || run->row.cancel.has_value(), "waited in vain",
              run);
    if (what.after == answer_after::effect
        && std::holds_alternative<cancel_by_ids>(what.what))
      require(!run->live(), "the effect was answered before its commit", run);
  }
}

void judge::create_answered(const run_id& run) {
  catch_up();
  if (!find(run))
    fail("a run was answered that is not there: " + run.str());
}

void judge::get_answered(const run_id& id, std::uint64_t since,
                         const std::optional<run_status>& got) {
  catch_up();
  auto* run = find(id);
  if (!run) {
    if (got)
      fail("a run was read that is not there: " + id.str());
    return;
  }
  bool found = !got && run->created_at >= since;
  for (std::size_t i = 0; i < run->views.size(); ++i) {
    bool in_time
      = i + 1 == run->views.size() || run->views[i + 1].first >= since;
    found |= in_time && run->views[i].second == got;
  }
  require(found, "a read has shown what was not so", run);
}

void judge::thread_answered(const thread_id& id, std::uint64_t since,
                            bool busy) {
  catch_up();
  for (const auto& [n, known] : threads_) {
    if (known != id || threads_deleted_.contains(n))
      continue;
    const auto& past = busy_[n];
    bool found = past.empty() && !busy;
    for (std::size_t i = 0; i < past.size(); ++i) {
      bool in_time = i + 1 == past.size() || past[i + 1].first >= since;
      found |= in_time && past[i].second == busy;
    }
    // Before its first run it was idle.
    found |= !busy && !past.empty() && past.front().first >= since;
    if (!found)
      fail("a thread reads busy without a run in flight, or idle with one");
  }
}

// -- executors ----------------------------------------------------------------

void judge::started(const worker::start& what,
                    const std::vector<std::shared_ptr<executor>>& all) {
  catch_up();
  auto* run = find(what.run);
  if (!run)
    return fail("an unknown run was started: " + what.run.str());
  require(run->row.status == run_status::running && !run->gone
            && run->row.epoch == what.epoch,
          "an attempt was started that is over", run);
  require(starts_.insert({what.run, what.epoch}).second,
          "an attempt was started twice", run);
  for (const auto& process : all)
    for (const auto& [no, in] : process->works())
      require(process->gone || !in.run || in.ended
                || in.run->thread != what.thread
                || (in.run->run == what.run && in.run->epoch == what.epoch),
              "two runs of a thread execute at once", run);
  run->said.reset();
}

/// Only what does not stop, or has not left, costs a process its life.
void judge::process_killed(const executor& process) {
  bool reason = process.works().empty() ? process.told_exit : false;
  for (const auto& [no, in] : process.works())
    reason |= in.ended || !in.cancels.empty() || in.question;
  require(reason, "a worker was killed for nothing");
}

void judge::process_died(const executor& process) {
  if (process.killed || process.told_exit)
    return;
  for (const auto& [no, in] : process.works())
    if (in.run && !in.ended)
      if (auto* run = find(in.run->run))
        run->deaths.insert(in.run->epoch);
}

void judge::death_was_ordered(const executor& process) {
  if (!processes)
    return; // What is left of a dead server orders nothing.
  for (const auto& [no, in] : process.works())
    if (in.run && !in.ended)
      if (auto* run = find(in.run->run))
        run->deaths.erase(in.run->epoch);
}

void judge::server_died() {
  catch_up();
  asks_.clear(); // What was not committed will not be.
  for (auto& [n, run] : runs_)
    if (run.live() && run.row.status == run_status::running)
      run.deaths.insert(run.row.epoch);
}

/// After the answer to its cancel, and after its end, nothing new is shown.
void judge::shown(const run_id& id, std::uint64_t emitted) {
  catch_up();
  auto* run = find(id);
  if (!run)
    return fail("an event of an unknown run was shown");
  require(emitted <= run->emitted_at_end, "an event was shown after the end",
          run);
  require(emitted <= run->emitted_at_answer,
          "an event was shown after the answer to a cancel", run);
}

void judge::reader_over(const run_id& id) {
  catch_up();
  auto* run = find(id);
  require(!run || !run->live()
            || view_of(*run).value_or(run_status::interrupted)
                 != run_status::running,
          "a reader was told an end that is not committed", run);
  require(!run || !run->live() || run->row.cancel.has_value(),
          "a reader was told an end that is not", run);
}

} // namespace heddle::test
