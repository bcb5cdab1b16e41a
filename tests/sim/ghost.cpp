#include "tests/sim/ghost.hpp"

#include <array>

namespace heddle::test {

namespace {

constexpr const char* triggers = R"sql(
CREATE TEMP TABLE ghost(
  i INTEGER PRIMARY KEY, what INTEGER, n INTEGER, thread INTEGER, id BLOB,
  old_status INTEGER, old_cancel INTEGER, old_epoch INTEGER,
  old_attempt INTEGER, old_strikes INTEGER,
  status INTEGER, cancel INTEGER, epoch INTEGER, attempt INTEGER,
  strikes INTEGER, head INTEGER, flags INTEGER, due INTEGER,
  a INTEGER, b INTEGER);
CREATE TEMP TRIGGER ghost_run_new AFTER INSERT ON main.run BEGIN
  INSERT INTO ghost(what,n,thread,id,status,cancel,epoch,attempt,strikes,head,
    flags,due) VALUES(0,new.n,new.thread,new.id,new.status,new.cancel,
    new.epoch,new.attempt,new.strikes,new.head,new.flags,new.due); END;
CREATE TEMP TRIGGER ghost_run_set AFTER UPDATE ON main.run BEGIN
  INSERT INTO ghost(what,n,thread,id,old_status,old_cancel,old_epoch,
    old_attempt,old_strikes,status,cancel,epoch,attempt,strikes,head,flags,due)
    VALUES(1,new.n,new.thread,new.id,old.status,old.cancel,old.epoch,
    old.attempt,old.strikes,new.status,new.cancel,new.epoch,new.attempt,
    new.strikes,new.head,new.flags,new.due); END;
CREATE TEMP TRIGGER ghost_run_end AFTER DELETE ON main.run BEGIN
  INSERT INTO ghost(what,n,thread,id,status,cancel,epoch,attempt,strikes,head,
    flags,due) VALUES(2,old.n,old.thread,old.id,old.status,old.cancel,
    old.epoch,old.attempt,old.strikes,old.head,old.flags,old.due); END;
CREATE TEMP TRIGGER ghost_body_new AFTER INSERT ON main.run_body BEGIN
  UPDATE ghost SET a=new.multitask WHERE what=0 AND n=new.n; END;
CREATE TEMP TRIGGER ghost_thread_new AFTER INSERT ON main.thread BEGIN
  INSERT INTO ghost(what,n,thread,id,a) VALUES(3,new.n,new.n,new.id,0); END;
CREATE TEMP TRIGGER ghost_thread_set AFTER UPDATE OF deleted ON main.thread
  BEGIN INSERT INTO ghost(what,n,thread,id,a)
    VALUES(4,new.n,new.n,new.id,new.deleted); END;
CREATE TEMP TRIGGER ghost_thread_end AFTER DELETE ON main.thread BEGIN
  INSERT INTO ghost(what,n,thread,id,a) VALUES(5,old.n,old.n,old.id,1); END;
CREATE TEMP TRIGGER ghost_checkpoint AFTER INSERT ON main.checkpoint BEGIN
  INSERT INTO ghost(what,n,thread) VALUES(6,new.run,new.thread); END;
CREATE TEMP TRIGGER ghost_write AFTER INSERT ON main.write BEGIN
  INSERT INTO ghost(what,n,thread) VALUES(7,new.run,new.thread); END;
CREATE TEMP TRIGGER ghost_event AFTER INSERT ON main.event BEGIN
  INSERT INTO ghost(what,n,a,b) VALUES(8,new.run,new.ms,new.seq); END;
CREATE TEMP TRIGGER ghost_hook AFTER INSERT ON main.outbox BEGIN
  INSERT INTO ghost(what,n,id) VALUES(9,0,new.run); END;
)sql";

cancel_intent intent_of(const sqlite::cursor& row, int column) {
  if (row.is_null(column))
    return std::nullopt;
  return static_cast<cancel_action>(row.integer(column));
}

run_row row_of(const sqlite::cursor& at) {
  run_row row;
  row.n = at.integer(1);
  row.id = at.id<run_id>(3);
  row.status = static_cast<run_status>(at.integer(9));
  row.cancel = intent_of(at, 10);
  row.epoch = static_cast<std::uint64_t>(at.integer(11));
  row.attempt = static_cast<std::uint32_t>(at.integer(12));
  row.strikes = static_cast<std::uint32_t>(at.integer(13));
  row.head = at.integer(14) != 0;
  auto flags = at.integer(15);
  row.flags = {(flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0};
  row.due = at.time(16);
  return row;
}

ghost_line line_of(const sqlite::cursor& at) {
  using kind = ghost_line::kind;
  ghost_line line;
  line.what = static_cast<kind>(at.integer(0));
  line.n = at.integer(1);
  line.thread = at.integer(2);
  line.id = at.id<run_id>(3).bytes();
  line.after = row_of(at);
  if (line.what == kind::run_changed) {
    auto before = line.after;
    before.status = static_cast<run_status>(at.integer(4));
    before.cancel = intent_of(at, 5);
    before.epoch = static_cast<std::uint64_t>(at.integer(6));
    before.attempt = static_cast<std::uint32_t>(at.integer(7));
    before.strikes = static_cast<std::uint32_t>(at.integer(8));
    line.before = before;
  }
  line.event = {at.integer(17), at.integer(18)};
  line.multitask = at.integer(17);
  line.deleted = at.integer(17) != 0;
  return line;
}

} // namespace

ghost_log::ghost_log(sqlite::connection& db) : db_(db) {
  db_.script(triggers);
}

std::vector<ghost_line> ghost_log::take() {
  std::vector<ghost_line> lines;
  // Asked at every step: the database need not be.
  if (auto changes = sqlite3_total_changes(db_.raw()); changes == changes_)
    return lines;
  else
    changes_ = changes;
  {
    auto rows = db_.select(
      "SELECT what,n,thread,id,old_status,old_cancel,old_epoch,old_attempt,"
      "old_strikes,status,cancel,epoch,attempt,strikes,head,flags,due,a,b "
      "FROM ghost ORDER BY i");
    while (rows.next())
      lines.push_back(line_of(rows));
  }
  if (!lines.empty())
    db_.run("DELETE FROM ghost");
  return lines;
}

void ghost_log::wipe() {
  for (const auto* sql :
       {"DELETE FROM run", "DELETE FROM run_body", "DELETE FROM thread",
        "DELETE FROM thread_body", "DELETE FROM checkpoint",
        "DELETE FROM early_view", "DELETE FROM value", "DELETE FROM write",
        "DELETE FROM live", "DELETE FROM event", "DELETE FROM event_end",
        "DELETE FROM outbox", "DELETE FROM bulk", "DELETE FROM leaf",
        "DELETE FROM item", "DELETE FROM assistant", "DELETE FROM ghost"})
    db_.run(sql);
}

std::string ghost_log::snapshot(std::int64_t thread, std::int64_t run) {
  std::string text;
  auto add = [&](const char* sql) {
    auto rows = db_.select(sql, thread, run);
    while (rows.next())
      text.append(rows.view(0)).append("\n");
    text += "--\n";
  };
  add("SELECT n||'|'||run||'|'||ns||'|'||id||'|'||parent||'|'||hex(chans)||'|'"
      "||ifnull(metadata,'')||'|'||hex(head)||'|'||ifnull(view_next,'')||'|'"
      "||ifnull(view_tasks,'')||'|'||ifnull(view_values,'') FROM checkpoint "
      "WHERE thread=?1 AND run<>?2 ORDER BY n");
  add("SELECT n||'|'||channel||'|'||version||'|'||ifnull(json,'')||'|'"
      "||hex(bytes) FROM value WHERE thread=?1 AND run<>?2 ORDER BY n");
  add("SELECT n||'|'||checkpoint||'|'||task||'|'||idx||'|'||hex(bytes) "
      "FROM write WHERE thread=?1 AND run<>?2 ORDER BY n");
  add("SELECT n||'|'||at||'|'||next FROM live WHERE thread=?1 AND run<>?2 "
      "ORDER BY n");
  add("SELECT t.status||'|'||t.state_updated||'|'||ifnull(b.error,'') "
      "FROM thread t JOIN thread_body b ON b.n=t.n WHERE t.n=?1 AND ?2<>-1");
  return text;
}

std::size_t ghost_log::kept_events(std::int64_t run) {
  return static_cast<std::size_t>(
    db_.number(0, "SELECT count(*) FROM event WHERE run=?", run));
}

std::int64_t ghost_log::leftovers(std::int64_t run) {
  return db_.number(0,
                    "SELECT (SELECT count(*) FROM checkpoint WHERE run=?1)"
                    "+(SELECT count(*) FROM write WHERE run=?1)"
                    "+(SELECT count(*) FROM value WHERE run=?1)"
                    "+(SELECT count(*) FROM live WHERE run=?1)"
                    "+(SELECT count(*) FROM event WHERE run=?1)"
                    "+(SELECT count(*) FROM early_view WHERE run=?1)"
                    "+(SELECT count(*) FROM run_body WHERE n=?1)",
                    run);
}

} // namespace heddle::test
