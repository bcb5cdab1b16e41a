#include "store/sqlite_tx.hpp"

#include "core/error_json.hpp"

#include <algorithm>

// The intent. What a cancel does is decided by the row it meets; the table is
// in docs/cancel.md.

namespace heddle::sqlite {

bool sqlite_tx::raise(placed_run& run, cancel_action action,
                      std::string_view reason, timestamp now) {
  auto raised = db_.run("UPDATE run SET cancel=?1,updated=?2 WHERE n=?3 "
                        "AND status<2 AND ifnull(cancel,0)<?1",
                        action, now, run.row.n);
  if (raised == 0)
    return false;
  db_.run("UPDATE run_body SET cancel_reason=? WHERE n=?", reason, run.row.n);
  run.row.cancel = action;
  run.row.updated = now;
  return true;
}

bool sqlite_tx::end_pending(const placed_run& run, cancel_action action,
                            std::string_view reason, timestamp now) {
  auto had_worker = run.row.attempt > 0;
  auto rollback = action == cancel_action::rollback;
  auto error = core::cancelled_json(action, reason).str();
  const auto* status = rollback ? "rollback" : "interrupted";
  db_.run("UPDATE run_body SET cancel_reason=? WHERE n=?", reason, run.row.n);
  if (run.row.flags.temporary) {
    if (had_worker)
      notify(run, status, error, false, now);
    drop_thread(run.thread);
    return false;
  }
  if (rollback) {
    if (had_worker)
      notify(run, status, error, false, now);
    purge_run(run);
  } else {
    db_.run("UPDATE run SET status=5,cancel=1,head=0,epoch=epoch+1,updated=? "
            "WHERE n=? AND status=0",
            now, run.row.n);
    if (had_worker) {
      settle(run.thread, run_status::interrupted, error, now);
      notify(run, status, error, true, now);
      close_run(run, now);
    }
  }
  return run.row.head && advance_head(run.thread);
}

cancel_outcome sqlite_tx::cancel_run(const thread_id& thread, const run_id& run,
                                     cancel_action action,
                                     std::string_view reason, timestamp now) {
  using kind = cancel_outcome::kind;
  auto found = find(thread, run);
  if (!found || found->hidden())
    return {};
  cancel_outcome out;
  out.was = found->shown();
  if (is_terminal(*out.was)) {
    out.what = kind::terminal;
  } else if (found->row.status == run_status::running) {
    auto raised = raise(*found, action, reason, now);
    out.what = raised ? kind::raised : kind::already;
  } else {
    out.what = kind::ended;
    out.outbox = found->webhook && found->row.attempt > 0;
    if (end_pending(*found, action, reason, now))
      out.advance = thread;
  }
  return out;
}

std::vector<std::pair<run_row, cancel_outcome>>
sqlite_tx::cancel_live_runs(const thread_id& thread, cancel_action action,
                            std::string_view reason, timestamp now) {
  std::vector<std::pair<run_row, cancel_outcome>> out;
  auto n = thread_number(thread);
  // From the last to the first, so that no head moves only to be ended next.
  auto runs = live_of(n, SIZE_MAX / 2);
  for (auto at = runs.rbegin(); at != runs.rend(); ++at)
    if (!at->hidden() && !at->marked())
      out.emplace_back(at->row,
                       cancel_run(thread, at->row.id, action, reason, now));
  std::reverse(out.begin(), out.end());
  return out;
}

} // namespace heddle::sqlite
