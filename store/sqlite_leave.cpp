#include "store/sqlite_tx.hpp"

#include "core/error_json.hpp"

// How a running run leaves `running`: finish, effect, requeue; and boot, which
// does the same for those that the last life of the server left behind.

namespace heddle::sqlite {

namespace {

std::string reason_of(connection& db, std::int64_t run) {
  auto rows = db.select("SELECT cancel_reason FROM run_body WHERE n=?", run);
  return rows.next() ? rows.text(0) : std::string{};
}

bool is_current(const placed_run& run, const run_ref& ref) {
  return run.row.status == run_status::running && run.row.epoch == ref.epoch;
}

} // namespace

leave_outcome sqlite_tx::refusal(const run_ref& ref) {
  leave_outcome out;
  auto run = find(ref.id);
  if (!run || !is_current(*run, ref))
    return out;
  out.what = leave_outcome::kind::cancelled;
  out.intent = run->row.cancel;
  out.status = run_status::running;
  return out;
}

void sqlite_tx::close_run(const placed_run& run, timestamp now) {
  db_.run("DELETE FROM early_view WHERE thread=? AND run=?", run.thread,
          run.row.n);
  if (run.row.flags.resumable)
    db_.run("INSERT OR IGNORE INTO event_end(at,run) VALUES(?,?)", now,
            run.row.n);
}

leave_outcome sqlite_tx::finish(placed_run run, const run_end& end,
                                timestamp now) {
  leave_outcome out;
  out.what = leave_outcome::kind::left;
  auto error = end.error.or_else("null");
  if (run.row.flags.temporary) {
    out.outbox = notify(run, to_string(end.status), error, false, now);
    drop_thread(run.thread);
    out.thread_gone = true;
    return out;
  }
  out.status = end.status;
  settle(run.thread, end.status, error, now);
  out.outbox = notify(run, to_string(end.status), error, true, now);
  close_run(run, now);
  advance_head(run.thread);
  return out;
}

leave_outcome sqlite_tx::finish_run(const run_ref& ref, const run_end& end,
                                    timestamp now) {
  auto left = db_.run("UPDATE run SET status=?,updated=? WHERE id=? "
                      "AND status=1 AND epoch=? AND cancel IS NULL",
                      end.status, now, ref.id, ref.epoch);
  if (left == 0)
    return refusal(ref);
  return finish(*find(ref.id), end, now);
}

leave_outcome sqlite_tx::effect(placed_run run, timestamp now) {
  leave_outcome out;
  out.what = leave_outcome::kind::left;
  out.intent = run.row.cancel;
  auto rollback = run.row.cancel == cancel_action::rollback;
  auto error
    = core::cancelled_json(*run.row.cancel, reason_of(db_, run.row.n)).str();
  auto keep = !rollback && !run.row.flags.temporary;
  if (keep) {
    out.status = run_status::interrupted;
    db_.run("UPDATE run SET status=5,epoch=epoch+1,updated=? WHERE n=?", now,
            run.row.n);
    settle(run.thread, run_status::interrupted, error, now);
  }
  out.outbox
    = notify(run, rollback ? "rollback" : "interrupted", error, keep, now);
  if (run.thread_deleted || run.row.flags.temporary) {
    drop_thread(run.thread);
    out.thread_gone = true;
    return out;
  }
  if (keep)
    close_run(run, now);
  else
    purge_run(run);
  advance_head(run.thread);
  return out;
}

leave_outcome sqlite_tx::apply_effect(const run_ref& ref, timestamp now) {
  auto run = find(ref.id);
  if (!run || !is_current(*run, ref) || !run->row.cancel) {
    leave_outcome out;
    if (run)
      out.intent = run->row.cancel;
    return out;
  }
  return effect(std::move(*run), now);
}

leave_outcome sqlite_tx::requeue_run(const run_ref& ref, bool strike,
                                     timestamp due, timestamp now) {
  // A strike by a worker's death (the bit 16 is `outlived`).
  auto left = db_.run("UPDATE run SET status=0,epoch=epoch+1,"
                      "flags=CASE WHEN ?1 THEN flags&~16 ELSE flags END,"
                      "strikes=strikes+?1,due=CASE WHEN ?2>?3 THEN ?2 ELSE due "
                      "END,updated=?3,head=1 WHERE id=?4 "
                      "AND status=1 AND epoch=?5 AND cancel IS NULL",
                      strike, due, now, ref.id, ref.epoch);
  if (left == 0)
    return refusal(ref);
  leave_outcome out;
  out.what = leave_outcome::kind::left;
  out.status = run_status::pending;
  return out;
}

recovery sqlite_tx::recover(std::uint32_t strikes_max, timestamp now) {
  recovery out;
  db_.run("DELETE FROM early_view");
  std::vector<std::int64_t> left;
  {
    // Left to itself SQLite reads every run there ever was, in their order.
    auto rows = db_.select("SELECT n FROM run INDEXED BY run_one "
                           "WHERE status=1 ORDER BY n");
    while (rows.next())
      left.push_back(rows.integer(0));
  }
  for (auto n : left) {
    auto run = *find(n);
    run_ref ref{run.row.id, run.row.epoch};
    if (run.row.cancel) {
      auto& count = run.row.cancel == cancel_action::rollback ? out.rolled_back
                                                              : out.interrupted;
      ++count;
      effect(std::move(run), now);
    } else if (run.row.strikes + 1 >= strikes_max) {
      ++out.failed;
      run_end end{run_status::error,
                  core::out_of_attempts_json(run.row.id, strikes_max)};
      finish_run(ref, end, now);
    } else {
      ++out.requeued;
      requeue_run(ref, true, now, now);
      db_.run("UPDATE run SET flags=flags|16 WHERE n=?", n);
    }
  }
  return out;
}

} // namespace heddle::sqlite
