#include "store/sqlite_schema.hpp"

#include <array>

// Ids are 16-byte blobs, times microseconds since the epoch, `n` rowids. The
// `run` of a row is the `n` of its run, 0 where the server itself wrote.
//
// Nothing that a run writes overwrites what was there before it started: its
// checkpoints, values, writes and live states are rows of their own, keyed by
// the run, that cover the older ones; the thread's row is written only when a
// run ends. So a rollback deletes by (thread, run) and everything is again as
// it was, without a copy of it and without counting references.
//
// A partial index is used only by a query that repeats its predicate to the
// letter, and no index may hold `cancel`: a mark of all pending runs would have
// to rewrite it.

namespace heddle::sqlite {

namespace {

constexpr const char* version_1 = R"sql(
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE assistant(
  n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, graph TEXT NOT NULL,
  version INTEGER NOT NULL, name TEXT NOT NULL, created INTEGER NOT NULL,
  updated INTEGER NOT NULL, config TEXT, context TEXT, metadata TEXT,
  description TEXT);

CREATE TABLE thread(
  n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, status INTEGER NOT NULL,
  deleted INTEGER NOT NULL DEFAULT 0, created INTEGER NOT NULL,
  updated INTEGER NOT NULL, state_updated INTEGER NOT NULL);
CREATE INDEX thread_updated ON thread(updated, n);
CREATE INDEX thread_created ON thread(created, n);
CREATE INDEX thread_status ON thread(status, updated, n);
CREATE TABLE thread_body(
  n INTEGER PRIMARY KEY, metadata TEXT, config TEXT, error TEXT);

CREATE TABLE run(
  n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, thread INTEGER NOT NULL,
  assistant BLOB NOT NULL, status INTEGER NOT NULL, cancel INTEGER,
  epoch INTEGER NOT NULL, attempt INTEGER NOT NULL, strikes INTEGER NOT NULL,
  head INTEGER NOT NULL, flags INTEGER NOT NULL, due INTEGER NOT NULL,
  created INTEGER NOT NULL, updated INTEGER NOT NULL, started INTEGER);
CREATE INDEX run_list ON run(thread, created, n);
CREATE UNIQUE INDEX run_one ON run(thread) WHERE status=1;
CREATE INDEX run_todo ON run(thread, (attempt=0), due, n) WHERE status=0;
CREATE INDEX run_ready ON run(due, n) WHERE status=0 AND head=1;
CREATE INDEX run_apart ON run(n) WHERE status=0 AND (attempt>0 OR flags&1);
CREATE INDEX run_asst ON run(assistant, n) WHERE status<2;
CREATE TABLE run_body(
  n INTEGER PRIMARY KEY, graph TEXT NOT NULL, multitask INTEGER NOT NULL,
  durability INTEGER NOT NULL,
  webhook TEXT, cancel_reason TEXT, metadata TEXT, kwargs TEXT);

CREATE TABLE checkpoint(
  n INTEGER PRIMARY KEY, thread INTEGER NOT NULL, run INTEGER NOT NULL,
  ns TEXT NOT NULL, id TEXT NOT NULL, parent TEXT NOT NULL,
  created INTEGER NOT NULL, chans BLOB NOT NULL, metadata TEXT,
  head_type TEXT NOT NULL, head BLOB NOT NULL,
  view_next TEXT, view_tasks TEXT, view_shape TEXT, view_values TEXT);
CREATE UNIQUE INDEX checkpoint_id ON checkpoint(thread, ns, id, run);
CREATE INDEX checkpoint_latest ON checkpoint(thread, ns, n);
CREATE INDEX checkpoint_run ON checkpoint(thread, run);
-- Views that came before their checkpoint.
CREATE TABLE early_view(
  thread INTEGER NOT NULL, run INTEGER NOT NULL, ns TEXT NOT NULL,
  id TEXT NOT NULL, view_next TEXT, view_tasks TEXT, view_shape TEXT,
  view_values TEXT, PRIMARY KEY(thread, run, ns, id)) WITHOUT ROWID;
CREATE TABLE value(
  n INTEGER PRIMARY KEY, thread INTEGER NOT NULL, run INTEGER NOT NULL,
  ns TEXT NOT NULL, channel TEXT NOT NULL, version TEXT NOT NULL, json TEXT,
  type TEXT NOT NULL, bytes BLOB NOT NULL);
CREATE UNIQUE INDEX value_version ON value(thread, ns, channel, version);
CREATE INDEX value_run ON value(thread, run);
CREATE TABLE write(
  n INTEGER PRIMARY KEY, thread INTEGER NOT NULL, run INTEGER NOT NULL,
  ns TEXT NOT NULL, checkpoint TEXT NOT NULL, task TEXT NOT NULL,
  path TEXT NOT NULL, idx INTEGER NOT NULL, channel TEXT NOT NULL, json TEXT,
  type TEXT NOT NULL, bytes BLOB NOT NULL);
CREATE UNIQUE INDEX write_key
  ON write(thread, ns, checkpoint, task, idx, run);
CREATE INDEX write_run ON write(thread, run);
-- The newest one of a thread holds as long as `at` is its latest checkpoint.
CREATE TABLE live(
  n INTEGER PRIMARY KEY, thread INTEGER NOT NULL, run INTEGER NOT NULL,
  at INTEGER NOT NULL, next TEXT NOT NULL, tasks TEXT, interrupts TEXT,
  "values" TEXT);
CREATE INDEX live_thread ON live(thread, n);

CREATE TABLE event(
  run INTEGER NOT NULL, ms INTEGER NOT NULL, seq INTEGER NOT NULL,
  name TEXT NOT NULL, data TEXT, PRIMARY KEY(run, ms, seq)) WITHOUT ROWID;
-- Runs that are over and whose events are still kept.
CREATE TABLE event_end(
  at INTEGER NOT NULL, run INTEGER NOT NULL,
  PRIMARY KEY(at, run)) WITHOUT ROWID;

CREATE TABLE outbox(
  n INTEGER PRIMARY KEY, run BLOB NOT NULL, url TEXT NOT NULL,
  at INTEGER NOT NULL, tries INTEGER NOT NULL DEFAULT 0, body TEXT NOT NULL);
CREATE INDEX outbox_at ON outbox(at, n);
-- kind: 0 every run, 1 those of the assistant `key`, 2 of the thread `key`.
CREATE TABLE bulk(
  n INTEGER PRIMARY KEY, kind INTEGER NOT NULL, key BLOB,
  action INTEGER NOT NULL, reason TEXT NOT NULL, upto INTEGER NOT NULL,
  cursor INTEGER NOT NULL DEFAULT 0);
CREATE TABLE leaf(
  hash INTEGER NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY(hash, n)) WITHOUT ROWID;

CREATE TABLE item(
  n INTEGER PRIMARY KEY, ns TEXT NOT NULL, key TEXT NOT NULL,
  created INTEGER NOT NULL, updated INTEGER NOT NULL, expires INTEGER,
  value TEXT NOT NULL);
CREATE UNIQUE INDEX item_key ON item(ns, key);
CREATE INDEX item_expires ON item(expires) WHERE expires IS NOT NULL;
)sql";

constexpr std::array migrations = {version_1};

constexpr const char* ghosts = R"sql(
CREATE TEMP TRIGGER ghost_edge BEFORE UPDATE OF status ON main.run
WHEN old.status<>new.status AND NOT (
  (old.status=0 AND new.status=1 AND old.cancel IS NULL AND old.head=1)
  OR (old.status=1 AND new.status IN (2,3,4) AND old.cancel IS NULL)
  OR (old.status=1 AND new.status=5 AND old.cancel=1)
  OR (old.status=1 AND new.status=0 AND old.cancel IS NULL
      AND new.epoch=old.epoch+1)
  OR (old.status=0 AND new.status IN (3,5)))
BEGIN SELECT raise(ABORT, 'ghost: illegal edge of a run'); END;
CREATE TEMP TRIGGER ghost_start BEFORE UPDATE OF status ON main.run
WHEN old.status=0 AND new.status=1 AND (new.epoch<>old.epoch+1
  OR EXISTS(SELECT 1 FROM main.run WHERE thread=old.thread AND status=1))
BEGIN SELECT raise(ABORT, 'ghost: two runs of a thread at once'); END;
CREATE TEMP TRIGGER ghost_intent BEFORE UPDATE OF cancel ON main.run
WHEN ifnull(new.cancel,0)<ifnull(old.cancel,0)
  OR (old.status>=2 AND new.cancel IS NOT old.cancel)
BEGIN SELECT raise(ABORT, 'ghost: an intent sank'); END;
CREATE TEMP TRIGGER ghost_epoch BEFORE UPDATE OF epoch ON main.run
WHEN new.epoch<old.epoch
BEGIN SELECT raise(ABORT, 'ghost: an epoch sank'); END;
CREATE TEMP TRIGGER ghost_late BEFORE INSERT ON main.checkpoint
WHEN new.run<>0 AND NOT EXISTS(SELECT 1 FROM main.run WHERE n=new.run
  AND thread=new.thread AND status=1 AND ifnull(cancel,0)<2)
BEGIN SELECT raise(ABORT, 'ghost: a late checkpoint'); END;
)sql";

} // namespace

int schema_version() noexcept {
  return static_cast<int>(migrations.size());
}

void configure_writer(connection& db, bool memory) {
  // `defensive` first: nobody edits the schema behind our back.
  sqlite3_db_config(db.raw(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  db.script("PRAGMA page_size=4096; PRAGMA auto_vacuum=INCREMENTAL;");
  if (!memory)
    // The WAL is kept and overwritten: overwriting needs no commit of the file
    // system's journal. The store checkpoints by itself (see writer).
    db.script("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
              "PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit=-1;"
              "PRAGMA mmap_size=0;");
  // `secure_delete` is on in Debian's library: rollbacks would rewrite what
  // they free.
  db.script("PRAGMA cache_size=-16384; PRAGMA temp_store=MEMORY;"
            "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;"
            "PRAGMA cell_size_check=ON; PRAGMA secure_delete=OFF;");
}

void configure_reader(connection& db) {
  sqlite3_db_config(db.raw(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db.raw(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_busy_timeout(db.raw(), 1000);
  db.script("PRAGMA query_only=ON; PRAGMA mmap_size=0;"
            "PRAGMA cache_size=-16384; PRAGMA temp_store=MEMORY;"
            "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;");
}

void migrate(connection& db) {
  auto have = db.number(0, "PRAGMA user_version");
  if (have > schema_version())
    throw std::runtime_error{"was written by a newer version of heddle (schema "
                             + std::to_string(have) + ", known up to "
                             + std::to_string(schema_version()) + ")"};
  for (auto step = have; step < schema_version(); ++step) {
    db.script("BEGIN IMMEDIATE");
    db.script(migrations[static_cast<std::size_t>(step)]);
    auto stamp = "PRAGMA user_version=" + std::to_string(step + 1)
                 + "; PRAGMA application_id=" + std::to_string(application_id);
    db.script(stamp.c_str());
    db.script("COMMIT");
  }
}

void add_ghosts(connection& db) {
  db.script(ghosts);
}

} // namespace heddle::sqlite
