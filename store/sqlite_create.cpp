#include "store/sqlite_tx.hpp"

// The order of starts on a thread. A thread with no running run has one head:
// its first pending unmarked run, in the order (attempted before, due, n). An
// attempted one comes first although its retry may be due later: whatever ran
// in between would be undone with it by a rollback. A marked run may keep
// `head=1` until its slice; the guard of the start looks at both.

namespace heddle::sqlite {

namespace {

constexpr const char* first_pending
  = "SELECT n,head,due,attempt FROM run WHERE thread=? AND status=0 "
    "AND cancel IS NULL ORDER BY (attempt=0),due,n LIMIT 1";

} // namespace

bool sqlite_tx::advance_head(std::int64_t thread) {
  if (db_.number(0, "SELECT n FROM run WHERE thread=? AND status=1", thread)
      != 0)
    return false;
  std::int64_t n = 0;
  {
    auto rows = db_.select(first_pending, thread);
    if (!rows.next() || rows.integer(1) != 0)
      return false;
    n = rows.integer(0);
  }
  db_.run("UPDATE run SET head=1 WHERE n=?", n);
  return true;
}

run_row sqlite_tx::insert_run(const new_run& run) {
  auto thread = thread_number(run.thread);
  if (thread == 0)
    throw std::logic_error{"insert_run: no such thread"};
  auto n = ++env_.run_n;
  bool head
    = db_.number(0, "SELECT n FROM run WHERE thread=? AND status=1", thread)
      == 0;
  if (head) {
    std::int64_t deposed = 0;
    {
      auto rows = db_.select(first_pending, thread);
      if (rows.next()) {
        head = rows.integer(3) == 0 && run.due < rows.time(2);
        deposed = head ? rows.integer(0) : 0;
      }
    }
    if (deposed != 0)
      db_.run("UPDATE run SET head=0 WHERE n=?", deposed);
  }
  db_.run("INSERT INTO run(n,id,thread,assistant,status,epoch,attempt,strikes,"
          "head,flags,due,created,updated) VALUES(?,?,?,?,0,0,0,0,?,?,?,?,?)",
          n, run.id, thread, run.assistant, head,
          to_bits(run.flags, !run.webhook.empty()), run.due, run.created,
          run.created);
  db_.run("INSERT INTO run_body(n,graph,multitask,durability,webhook,metadata,"
          "kwargs) VALUES(?,?,?,?,?,?,?)",
          n, run.graph, run.multitask, run.durability, run.webhook,
          run.metadata, run.kwargs);
  run_row out;
  out.n = n;
  out.id = run.id;
  out.thread = run.thread;
  out.assistant = run.assistant;
  out.head = head;
  out.flags = run.flags;
  out.due = run.due;
  out.created = run.created;
  out.updated = run.created;
  return out;
}

std::optional<started_run> sqlite_tx::start_run(const run_id& run,
                                                timestamp now) {
  auto started
    = db_.run("UPDATE run SET status=1,epoch=epoch+1,attempt=attempt+1,head=0,"
              "updated=?1,started=ifnull(started,?1) WHERE id=?2 AND status=0 "
              "AND cancel IS NULL AND head=1 AND due<=?1",
              now, run);
  if (started == 0)
    return std::nullopt;
  auto found = find(run);
  started_run out;
  out.row = found->row;
  auto rows = db_.select("SELECT graph,kwargs,durability FROM run_body "
                         "WHERE n=?",
                         out.row.n);
  if (rows.next()) {
    out.graph = rows.text(0);
    out.kwargs = rows.json(1);
    out.durability = static_cast<durability>(rows.integer(2));
  }
  if (out.row.flags.resumable && out.row.attempt > 1)
    if (auto kept = event_range(run))
      out.last_event = kept->second;
  out.resume = out.row.attempt > 1
               && db_.number(0,
                             "SELECT EXISTS(SELECT 1 FROM checkpoint WHERE "
                             "thread=?1 AND run=?2) OR EXISTS(SELECT 1 FROM "
                             "write WHERE thread=?1 AND run=?2)",
                             found->thread, out.row.n)
                    != 0;
  return out;
}

} // namespace heddle::sqlite
