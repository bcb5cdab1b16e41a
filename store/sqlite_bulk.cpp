#include "store/sqlite_tx.hpp"

#include <algorithm>
#include <chrono>
#include <unordered_set>

// Many at once: one statement marks the pending runs, a work row remembers that
// they are to be ended, and slices end them. Only runs that were there at the
// mark carry it, so a slice needs nothing but the rows: it can be repeated, and
// goes on from its cursor after a crash.

namespace heddle::sqlite {

namespace {

constexpr std::size_t at_once_max = 1000; ///< By ids; more get the mark.
constexpr std::size_t step_rows = 32;     ///< Between two looks at the clock.

enum kind : std::int64_t { every_run = 0, of_assistant = 1, of_thread = 2 };

/// The statements of a mark, for every run and for those of an assistant.
struct mark_sql {
  const char* running;
  const char* receipt; ///< Pending ones, the first so many.
  const char* apart;   ///< Between attempts, or stateless.
  const char* mark;
};

constexpr mark_sql all_sql = {
  "SELECT n FROM run INDEXED BY run_one WHERE status=1 AND flags&4=0 "
  "AND ?1 IS NULL ORDER BY n",
  "SELECT n FROM run INDEXED BY run_todo WHERE status=0 AND cancel IS NULL "
  "AND ?1 IS NULL LIMIT ?2",
  "SELECT n FROM run INDEXED BY run_apart WHERE status=0 "
  "AND (attempt>0 OR flags&1) "
  "AND cancel IS NULL AND ?1 IS NULL",
  "UPDATE run INDEXED BY run_todo SET cancel=?2,updated=?3 WHERE status=0 "
  "AND cancel IS NULL "
  "AND ?1 IS NULL",
};
constexpr mark_sql assistant_sql = {
  "SELECT n FROM run WHERE assistant=?1 AND status<2 AND status=1 "
  "AND flags&4=0 ORDER BY n",
  "SELECT n FROM run WHERE assistant=?1 AND status<2 AND status=0 "
  "AND cancel IS NULL LIMIT ?2",
  "SELECT n FROM run INDEXED BY run_apart WHERE status=0 "
  "AND (attempt>0 OR flags&1) "
  "AND cancel IS NULL AND assistant=?1",
  "UPDATE run SET cancel=?2,updated=?3 WHERE assistant=?1 AND status<2 "
  "AND status=0 AND cancel IS NULL",
};
constexpr mark_sql ids_sql = {
  nullptr,
  nullptr,
  "SELECT r.n FROM temp.wanted w JOIN run r ON r.n=w.n WHERE r.status=0 "
  "AND (r.attempt>0 OR r.flags&1) AND r.cancel IS NULL AND ?1 IS NOT NULL",
  "UPDATE run SET cancel=?2,updated=?3 WHERE n IN (SELECT n FROM temp.wanted) "
  "AND status=0 AND cancel IS NULL AND ?1 IS NOT NULL",
};

const mark_sql& sql_of(std::int64_t what) {
  return what == every_run      ? all_sql
         : what == of_assistant ? assistant_sql
                                : ids_sql;
}

} // namespace

void sqlite_tx::mark_running(const std::vector<std::int64_t>& runs,
                             cancel_action action, std::string_view reason,
                             timestamp now, bulk_mark& mark) {
  for (auto n : runs) {
    auto run = *find(n);
    if (run.hidden())
      continue;
    raise(run, action, reason, now);
    ++mark.matched;
    if (mark.receipt.size() < receipt_max_)
      mark.receipt.emplace_back(run.row, run_status::running);
    mark.running.push_back(std::move(run.row));
  }
}

void sqlite_tx::mark_where(std::int64_t kind,
                           const std::optional<blob_view>& key,
                           cancel_action action, std::string_view reason,
                           timestamp now, bulk_mark& mark) {
  const auto& sql = sql_of(kind);
  if (sql.receipt != nullptr) {
    auto left = receipt_max_ - mark.receipt.size();
    for (auto n : numbers_of(db_.select(sql.receipt, key, left)))
      mark.receipt.emplace_back(find(n)->row, run_status::pending);
  }
  for (auto n : numbers_of(db_.select(sql.apart, key))) {
    auto run = find(n);
    auto thread = run->row.thread;
    if (end_pending(*run, action, reason, now))
      mark.advanced.push_back(thread);
    ++mark.matched;
  }
  auto marked = db_.run(sql.mark, key, action, now);
  mark.matched += static_cast<std::uint64_t>(marked);
  if (marked == 0)
    return;
  mark.work = true;
  db_.run("INSERT INTO bulk(kind,key,action,reason,upto) VALUES(?,?,?,?,?)",
          kind, key, action, reason, env_.run_n);
}

bulk_mark sqlite_tx::mark_ids(const by_ids& what, cancel_action action,
                              std::string_view reason, timestamp now) {
  bulk_mark mark;
  std::unordered_set<run_id> seen;
  std::vector<std::int64_t> running;
  std::vector<placed_run> pending;
  for (const auto& id : what.runs) {
    if (!seen.insert(id).second)
      continue;
    auto run = find(what.thread, id);
    if (!run || run->hidden())
      continue;
    ++mark.found;
    if (run->row.status == run_status::running)
      running.push_back(run->row.n);
    else if (run->row.status == run_status::pending && !run->marked())
      pending.push_back(std::move(*run));
  }
  mark_running(running, action, reason, now, mark);
  for (const auto& run : pending)
    if (mark.receipt.size() < receipt_max_)
      mark.receipt.emplace_back(run.row, run_status::pending);
  if (pending.size() > at_once_max) {
    db_.script("CREATE TEMP TABLE IF NOT EXISTS wanted(n INTEGER PRIMARY KEY);"
               "DELETE FROM temp.wanted;");
    for (const auto& run : pending)
      db_.run("INSERT INTO temp.wanted(n) VALUES(?)", run.row.n);
    auto bytes = what.thread.bytes();
    blob_view key{{reinterpret_cast<const char*>(bytes.data()), bytes.size()}};
    mark_where(of_thread, key, action, reason, now, mark);
    return mark;
  }
  // From the last to the first, so that no head moves only to be ended next.
  std::sort(pending.begin(), pending.end(), [](const auto& a, const auto& b) {
    return a.row.head != b.row.head ? b.row.head : a.row.n > b.row.n;
  });
  for (const auto& run : pending) {
    ++mark.matched;
    if (end_pending(run, action, reason, now))
      mark.advanced.push_back(what.thread);
  }
  return mark;
}

bulk_mark sqlite_tx::mark_runs(const bulk_selector& what, cancel_action action,
                               std::string_view reason, timestamp now,
                               bool receipt) {
  ++env_.marks;
  receipt_max_ = receipt ? receipt_runs_max : 0;
  if (const auto* ids = std::get_if<by_ids>(&what))
    return mark_ids(*ids, action, reason, now);
  bulk_mark mark;
  by_status which{true, true};
  std::int64_t kind = every_run;
  std::optional<blob_view> key;
  if (const auto* status = std::get_if<by_status>(&what)) {
    which = *status;
  } else {
    const auto& bytes = std::get<by_assistant>(what).assistant.bytes();
    kind = of_assistant;
    key
      = blob_view{{reinterpret_cast<const char*>(bytes.data()), bytes.size()}};
  }
  if (which.running)
    mark_running(numbers_of(db_.select(sql_of(kind).running, key)), action,
                 reason, now, mark);
  if (which.pending)
    mark_where(kind, key, action, reason, now, mark);
  mark.found = mark.matched;
  return mark;
}

/// A work row.
struct sqlite_tx::work {
  std::int64_t n = 0;
  std::int64_t kind = 0;
  std::string key;
  cancel_action action = cancel_action::interrupt;
  std::string reason;
  std::int64_t upto = 0;
  std::int64_t cursor = 0; ///< Every run: the thread; else the run.
};

std::vector<std::int64_t> sqlite_tx::marked_runs(const work& todo,
                                                 std::size_t limit) {
  static constexpr const char* every
    = "SELECT n FROM run INDEXED BY run_todo WHERE status=0 AND thread>=? "
      "AND cancel=? AND n<=? ORDER BY thread LIMIT ?";
  static constexpr const char* assistant
    = "SELECT n FROM run WHERE assistant=?5 AND status<2 AND status=0 "
      "AND n>=?1 AND cancel=?2 AND n<=?3 ORDER BY n LIMIT ?4";
  static constexpr const char* thread
    = "SELECT n FROM run WHERE status=0 AND thread=(SELECT n FROM thread "
      "WHERE id=?5) AND cancel=?2 AND n<=?3 AND n>=?1 LIMIT ?4";
  if (todo.kind == every_run)
    return numbers_of(
      db_.select(every, todo.cursor, todo.action, todo.upto, limit));
  return numbers_of(db_.select(todo.kind == of_assistant ? assistant : thread,
                               todo.kind == of_thread ? 0 : todo.cursor,
                               todo.action, todo.upto, limit,
                               blob_view{todo.key}));
}

void sqlite_tx::end_marked(const placed_run& run, std::string_view reason,
                           timestamp now) {
  if (run.row.cancel == cancel_action::rollback) {
    purge_run(run);
    return;
  }
  db_.run("UPDATE run SET status=5,head=0,updated=? WHERE n=? AND status=0 "
          "AND cancel=1",
          now, run.row.n);
  db_.run("UPDATE run_body SET cancel_reason=? WHERE n=?", reason, run.row.n);
}

slice_outcome sqlite_tx::bulk_slice(std::chrono::microseconds budget,
                                    timestamp now) {
  slice_outcome out;
  work todo;
  {
    auto rows = db_.select("SELECT n,kind,key,action,reason,upto,cursor "
                           "FROM bulk ORDER BY n LIMIT 1");
    if (!rows.next())
      return out;
    todo = {rows.integer(0), rows.integer(1),
            rows.text(2),    static_cast<cancel_action>(rows.integer(3)),
            rows.text(4),    rows.integer(5),
            rows.integer(6)};
  }
  auto until = std::chrono::steady_clock::now() + budget;
  std::size_t ended = 0;
  auto limit = env_.slice_rows_max == 0 ? SIZE_MAX : env_.slice_rows_max;
  bool finished = false;
  do {
    auto runs = marked_runs(todo, std::min(step_rows, limit - ended));
    finished = runs.empty();
    for (auto n : runs) {
      auto run = *find(n);
      end_marked(run, todo.reason, now);
      if (run.row.head && advance_head(run.thread))
        out.advanced.push_back(run.row.thread);
      todo.cursor = todo.kind == every_run ? run.thread : n;
      ++ended;
    }
  } while (
    !finished && ended < limit
    && (env_.slice_rows_max != 0 || std::chrono::steady_clock::now() < until));
  if (finished)
    db_.run("DELETE FROM bulk WHERE n=?", todo.n);
  else
    db_.run("UPDATE bulk SET cursor=? WHERE n=?", todo.cursor, todo.n);
  out.more = db_.number(0, "SELECT EXISTS(SELECT 1 FROM bulk)") != 0;
  return out;
}

} // namespace heddle::sqlite
