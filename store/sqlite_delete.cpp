#include "store/sqlite_tx.hpp"

#include <cstring>
#include <unordered_set>

// Deleting. What a run wrote goes by (thread, run); nothing else is touched, so
// what it had covered shows again.

namespace heddle::sqlite {

namespace {

void forget_run(connection& db, std::int64_t n) {
  db.run("DELETE FROM event WHERE run=?", n);
  db.run("DELETE FROM event_end WHERE run=?", n);
  db.run("DELETE FROM run_body WHERE n=?", n);
  db.run("DELETE FROM run WHERE n=?", n);
}

/// The values that checkpoints of other runs name.
std::unordered_set<std::int64_t> named_by_others(connection& db,
                                                 const placed_run& run) {
  std::unordered_set<std::int64_t> out;
  auto rows = db.select("SELECT chans FROM checkpoint WHERE thread=? "
                        "AND run<>?",
                        run.thread, run.row.n);
  while (rows.next()) {
    auto chans = rows.view(0);
    for (std::size_t at = 0; at + 8 <= chans.size(); at += 8) {
      std::int64_t n = 0;
      std::memcpy(&n, chans.data() + at, sizeof n);
      out.insert(n);
    }
  }
  return out;
}

} // namespace

void sqlite_tx::purge_run(const placed_run& run) {
  if (run.row.attempt > 0) {
    for (const auto* sql : {"DELETE FROM write WHERE thread=? AND run=?",
                            "DELETE FROM value WHERE thread=? AND run=?",
                            "DELETE FROM checkpoint WHERE thread=? AND run=?",
                            "DELETE FROM live WHERE thread=? AND run=?",
                            "DELETE FROM early_view WHERE thread=? AND run=?"})
      db_.run(sql, run.thread, run.row.n);
  }
  forget_run(db_, run.row.n);
}

void sqlite_tx::purge_finished(const placed_run& run) {
  auto named = named_by_others(db_, run);
  std::vector<std::int64_t> values;
  {
    auto rows = db_.select("SELECT n FROM value WHERE thread=? AND run=?",
                           run.thread, run.row.n);
    while (rows.next())
      values.push_back(rows.integer(0));
  }
  for (auto n : values)
    // What stays belongs to nobody: run numbers may come again.
    db_.run(named.contains(n) ? "UPDATE value SET run=0 WHERE n=?"
                              : "DELETE FROM value WHERE n=?",
            n);
  // Later runs' writes onto its checkpoints hang in the air without them.
  db_.run("DELETE FROM write WHERE thread=?1 AND (ns,checkpoint) IN (SELECT "
          "c.ns,c.id FROM checkpoint c WHERE c.thread=?1 AND c.run=?2 AND NOT "
          "EXISTS(SELECT 1 FROM checkpoint d WHERE d.thread=?1 AND d.ns=c.ns "
          "AND d.id=c.id AND d.run<>?2))",
          run.thread, run.row.n);
  purge_run(run);
}

void sqlite_tx::drop_thread(std::int64_t thread) {
  json_text metadata;
  {
    auto rows
      = db_.select("SELECT metadata FROM thread_body WHERE n=?", thread);
    if (rows.next())
      metadata = rows.json(0);
  }
  index_metadata(thread, metadata.view(), {});
  for (const auto* sql :
       {"DELETE FROM event WHERE run IN (SELECT n FROM run WHERE thread=?)",
        "DELETE FROM event_end WHERE run IN "
        "(SELECT n FROM run WHERE thread=? AND flags&2)",
        "DELETE FROM run_body WHERE n IN (SELECT n FROM run WHERE thread=?)",
        "DELETE FROM run WHERE thread=?", "DELETE FROM write WHERE thread=?",
        "DELETE FROM value WHERE thread=?",
        "DELETE FROM checkpoint WHERE thread=?",
        "DELETE FROM live WHERE thread=?",
        "DELETE FROM early_view WHERE thread=?",
        "DELETE FROM thread_body WHERE n=?", "DELETE FROM thread WHERE n=?"})
    db_.run(sql, thread);
}

std::optional<std::vector<run_row>>
sqlite_tx::delete_thread(const thread_id& id, std::string_view reason,
                         timestamp now) {
  auto n = thread_number(id);
  if (n == 0)
    return std::nullopt;
  std::vector<run_row> running;
  std::vector<placed_run> attempted;
  for (auto& run : live_of(n, SIZE_MAX / 2)) {
    if (run.row.status == run_status::running) {
      raise(run, cancel_action::rollback, reason, now);
      running.push_back(run.row);
    } else if (run.row.attempt > 0 || !running.empty()) {
      attempted.push_back(run);
    }
  }
  // The others go with the thread's rows; these may owe a webhook, or must not
  // start behind the running one.
  for (auto at = attempted.rbegin(); at != attempted.rend(); ++at)
    end_pending(*at, cancel_action::rollback, reason, now);
  if (running.empty())
    drop_thread(n);
  else
    db_.run("UPDATE thread SET deleted=1,updated=? WHERE n=?", now, n);
  return running;
}

delete_outcome sqlite_tx::delete_run(const thread_id& thread, const run_id& run,
                                     std::string_view reason, timestamp now) {
  using kind = delete_outcome::kind;
  auto found = find(thread, run);
  if (!found || found->hidden())
    return {};
  if (found->row.status == run_status::running) {
    raise(*found, cancel_action::rollback, reason, now);
    found->row.flags.deleting = true;
    db_.run("UPDATE run SET flags=flags|4,updated=? WHERE n=?", now,
            found->row.n);
    return {kind::stopping, found->row};
  }
  if (found->row.status == run_status::pending)
    end_pending(*found, cancel_action::rollback, reason, now);
  else
    purge_finished(*found);
  return {kind::gone, std::nullopt};
}

} // namespace heddle::sqlite
