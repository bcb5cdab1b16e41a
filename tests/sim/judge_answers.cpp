#include "tests/sim/judge.hpp"

#include <algorithm>

// What is answered, shown and executed, held against what is committed.

namespace heddle::test {

// -- who asks for what --------------------------------------------------------

void judge::asked(const run_id& run, cancel_action action) {
  if (auto* known = find(run))
    known->cause = std::max(known->cause, cancel_intent{action});
  else
    early_causes_[run] = std::max(early_causes_[run], cancel_intent{action});
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

std::uint64_t judge::bulk_asked(cancel_by_status which, cancel_action action) {
  bulks_[++last_bulk_] = {which, action, step_};
  return last_bulk_;
}

void judge::bulk_closed(std::uint64_t no) {
  catch_up();
  bulks_.erase(no);
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

/// Whatever was in flight when a bulk was asked for is marked at its answer.
void judge::check_bulk(const cancel_by_status& which, cancel_action action,
                       std::uint64_t since) {
  for (auto& [n, run] : runs_) {
    bool meant = which.pending && which.running;
    if (!meant || !run.live() || run.created_at >= since
        || threads_deleted_.contains(run.thread) || run.row.flags.deleting)
      continue;
    // A pending run that is marked already keeps its mark.
    auto least = run.row.status == run_status::pending
                   ? cancel_intent{cancel_action::interrupt}
                   : cancel_intent{action};
    require(run.row.cancel >= least, "a bulk has passed over a run", &run);
  }
}

void judge::cancel_answered(const cancel_request& what, std::uint64_t since,
                            const result<cancel_receipt>& got) {
  using outcome = cancel_receipt::outcome;
  catch_up();
  if (what.dry_run)
    return;
  if (got.has_error()) {
    if (const auto* ids = std::get_if<cancel_by_ids>(&what.what);
        ids && got.error().code == errc::not_found)
      for (const auto& id : ids->runs)
        if (auto* run = find(id); run && run->live() && !run->row.cancel
                                  && run->created_at < since
                                  && threads_[run->thread] == ids->thread)
          fail("a run in flight was not found", run);
    return;
  }
  if (const auto* status = std::get_if<cancel_by_status>(&what.what))
    check_bulk(*status, what.action, since);
  for (const auto& one : got->runs) {
    auto* run = find(one.run);
    bool stopped = one.what == outcome::stopping
                   || one.what == outcome::interrupted
                   || one.what == outcome::rolled_back;
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
        ++run->deaths;
}

void judge::server_died() {
  catch_up();
  bulks_.clear();
  for (auto& [n, run] : runs_)
    if (run.live() && run.row.status == run_status::running)
      ++run.deaths;
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

// -- the end ------------------------------------------------------------------

void judge::check_end() {
  catch_up();
  for (const auto& [n, run] : runs_) {
    require(!run.live(), "a run was never ended", &run);
    if (!run.accepted || run.gone)
      continue;
    require(run.row.status == run_status::interrupted
              && run.accepted < cancel_intent{cancel_action::rollback},
            "an accepted cancel did not come about", &run);
  }
  if (log_.count("SELECT count(*) FROM bulk") != 0)
    fail("slices were left");
  if (log_.count("SELECT count(*) FROM early_view") != 0)
    fail("early views were left");
}

} // namespace heddle::test
