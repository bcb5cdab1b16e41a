#include "store/sqlite_json.hpp"
#include "store/sqlite_tx.hpp"

#include "core/json_slice.hpp"

#include <algorithm>
#include <iterator>

// A thread's row holds its status without `busy`, and is written only when a
// run has left it. Values and interrupts are those of the latest state and are
// derived when read.

namespace heddle::sqlite {

namespace {

constexpr const char* latest_root
  = "SELECT n,view_next,view_tasks,view_values FROM checkpoint "
    "WHERE thread=? AND ns='' ORDER BY n DESC LIMIT 1";
/// A worker that was killed may not have said how its last checkpoint is shown.
constexpr const char* latest_shown
  = "SELECT view_shape,chans,view_values FROM checkpoint WHERE thread=? AND "
    "ns='' "
    "AND view_next IS NOT NULL ORDER BY n DESC LIMIT 1";

} // namespace

std::int64_t sqlite_tx::thread_number(const thread_id& id) {
  return db_.number(0, "SELECT n FROM thread WHERE id=? AND deleted=0", id);
}

bool sqlite_tx::busy(std::int64_t thread) {
  return db_.number(0,
                    "SELECT EXISTS(SELECT 1 FROM run WHERE thread=?1 AND "
                    "status=1) OR EXISTS(SELECT 1 FROM run WHERE thread=?1 "
                    "AND status=0 AND cancel IS NULL)",
                    thread)
         != 0;
}

standing sqlite_tx::stand(std::int64_t thread) {
  standing out;
  {
    auto rows = db_.select(latest_root, thread);
    if (rows.next()) {
      out.any = true;
      out.checkpoint = rows.integer(0);
      out.known = !rows.is_null(1);
      out.next = rows.json(1);
      out.tasks = rows.json(2);
      out.values = rows.json(3);
    }
  }
  auto rows = db_.select("SELECT next,tasks,interrupts,\"values\" FROM live "
                         "WHERE thread=? AND at>=? ORDER BY n DESC LIMIT 1",
                         thread, out.checkpoint);
  if (rows.next()) {
    out.any = out.live = out.known = true;
    out.next = rows.json(0);
    out.tasks = rows.json(1);
    out.interrupts = rows.json(2);
    out.values = rows.json(3);
  }
  return out;
}

json_text sqlite_tx::values_of(std::int64_t thread, const standing& at) {
  if (at.live || !at.values.empty())
    return at.values;
  if (at.checkpoint == 0)
    return {};
  auto rows = db_.select(latest_shown, thread);
  if (!rows.next())
    return {};
  if (rows.is_null(0))
    return rows.json(2);
  return json_text{assemble(rows.view(1), rows.view(0))};
}

thread_record sqlite_tx::thread_of(cursor& row) {
  auto n = row.integer(0);
  thread_record out;
  out.id = row.id<thread_id>(1);
  out.status = static_cast<thread_status>(row.integer(2));
  out.created = row.time(3);
  out.updated = row.time(4);
  out.state_updated = row.time(5);
  out.metadata = row.json(6);
  out.config = row.json(7);
  out.error = row.json(8);
  if (busy(n))
    out.status = thread_status::busy;
  auto at = stand(n);
  out.values = values_of(n, at);
  if (at.any || !out.error.empty()) {
    out.interrupts = json_text{interrupts_of(at.tasks.view())};
    if (out.error.empty())
      out.error = json_text{"null"};
  }
  return out;
}

std::optional<thread_record> sqlite_tx::thread(const thread_id& id) {
  auto rows = db_.select(
    "SELECT t.n,t.id,t.status,t.created,t.updated,t.state_updated,b.metadata,"
    "b.config,b.error FROM thread t JOIN thread_body b ON b.n=t.n "
    "WHERE t.id=? AND t.deleted=0",
    id);
  if (!rows.next())
    return std::nullopt;
  return thread_of(rows);
}

std::optional<thread_record>
sqlite_tx::thread_without_state(const thread_id& id) {
  auto rows = db_.select(
    "SELECT t.n,t.status,t.created,t.updated,t.state_updated,b.metadata,"
    "b.config FROM thread t JOIN thread_body b ON b.n=t.n "
    "WHERE t.id=? AND t.deleted=0",
    id);
  if (!rows.next())
    return std::nullopt;
  thread_record out;
  out.id = id;
  out.status = busy(rows.integer(0))
                 ? thread_status::busy
                 : static_cast<thread_status>(rows.integer(1));
  out.created = rows.time(2);
  out.updated = rows.time(3);
  out.state_updated = rows.time(4);
  out.metadata = rows.json(5);
  out.config = rows.json(6);
  return out;
}

bool sqlite_tx::insert_thread(const thread_record& thread) {
  auto status = thread.status == thread_status::busy ? thread_status::idle
                                                     : thread.status;
  auto inserted = db_.run(
    "INSERT OR IGNORE INTO thread(id,status,created,updated,"
    "state_updated) VALUES(?,?,?,?,?)",
    thread.id, status, thread.created, thread.updated, thread.state_updated);
  if (inserted == 0)
    return false;
  auto n = db_.last_id();
  db_.run("INSERT INTO thread_body(n,metadata,config,error) VALUES(?,?,?,?)", n,
          thread.metadata, thread.config, thread.error);
  index_metadata(n, {}, thread.metadata.view());
  return true;
}

bool sqlite_tx::update_thread(const thread_id& id, const json_text& metadata,
                              const json_text& config, timestamp now) {
  auto n = thread_number(id);
  if (n == 0)
    return false;
  json_text before;
  {
    auto rows = db_.select("SELECT metadata FROM thread_body WHERE n=?", n);
    if (rows.next())
      before = rows.json(0);
  }
  db_.run("UPDATE thread SET updated=? WHERE n=?", now, n);
  db_.run("UPDATE thread_body SET metadata=?,config=? WHERE n=?", metadata,
          config, n);
  index_metadata(n, before.view(), metadata.view());
  return true;
}

void sqlite_tx::index_metadata(std::int64_t thread, std::string_view before,
                               std::string_view after) {
  if (before == after)
    return;
  auto old = leaves(parse(before));
  auto fresh = leaves(parse(after));
  std::vector<std::int64_t> change;
  std::set_difference(old.begin(), old.end(), fresh.begin(), fresh.end(),
                      std::back_inserter(change));
  for (auto hash : change)
    db_.run("DELETE FROM leaf WHERE hash=? AND n=?", hash, thread);
  change.clear();
  std::set_difference(fresh.begin(), fresh.end(), old.begin(), old.end(),
                      std::back_inserter(change));
  for (auto hash : change)
    db_.run("INSERT OR IGNORE INTO leaf(hash,n) VALUES(?,?)", hash, thread);
}

void sqlite_tx::settle(std::int64_t thread, run_status ended,
                       std::string_view error, timestamp now) {
  auto at = stand(thread);
  // Nobody said what comes next: only a killed worker leaves that behind.
  auto next = at.known ? !core::slice_array(at.next.or_else("[]")).empty()
                       : ended == run_status::interrupted;
  db_.run("UPDATE thread SET status=?1,updated=?2,state_updated=?2 WHERE n=?3",
          thread_status_after(ended, next), now, thread);
  db_.run("UPDATE thread_body SET error=?1 WHERE n=?2 AND error IS NOT ?1",
          error, thread);
  // Covered live states: no rollback can uncover them any more.
  db_.run("DELETE FROM live WHERE thread=?1 AND (at<?2 OR n<(SELECT max(n) "
          "FROM live WHERE thread=?1))",
          thread, at.checkpoint);
}

void sqlite_tx::refresh_thread(const thread_id& thread, timestamp now) {
  auto n = thread_number(thread);
  if (n != 0)
    settle(n, run_status::success, "null", now);
}

} // namespace heddle::sqlite
