#include "store/sqlite_tx.hpp"

#include <algorithm>

// Reading runs, always through the one view.

namespace heddle::sqlite {

namespace {

constexpr std::int64_t temporary_bit = 1;
constexpr std::int64_t resumable_bit = 2;
constexpr std::int64_t deleting_bit = 4;
constexpr std::int64_t webhook_bit = 8;
constexpr std::int64_t outlived_bit = 16;

/// The columns that `placed` reads.
const std::string run_columns
  = "SELECT r.n,r.id,t.id,r.assistant,r.status,r.cancel,r.epoch,r.attempt,"
    "r.strikes,r.head,r.flags,r.due,r.created,r.updated,r.thread,t.deleted,"
    "r.started FROM run r JOIN thread t ON t.n=r.thread ";

cancel_intent to_intent(const cursor& row, int column) {
  if (row.is_null(column))
    return std::nullopt;
  return static_cast<cancel_action>(row.integer(column));
}

placed_run placed(const cursor& row) {
  auto bits = row.integer(10);
  placed_run out;
  out.row.n = row.integer(0);
  out.row.id = row.id<run_id>(1);
  out.row.thread = row.id<thread_id>(2);
  out.row.assistant = row.id<assistant_id>(3);
  out.row.status = static_cast<run_status>(row.integer(4));
  out.row.cancel = to_intent(row, 5);
  out.row.epoch = static_cast<std::uint64_t>(row.integer(6));
  out.row.attempt = static_cast<std::uint32_t>(row.integer(7));
  out.row.strikes = static_cast<std::uint32_t>(row.integer(8));
  out.row.head = row.integer(9) != 0;
  out.row.flags = {(bits & temporary_bit) != 0, (bits & resumable_bit) != 0,
                   (bits & deleting_bit) != 0, (bits & outlived_bit) != 0};
  out.row.due = row.time(11);
  out.row.created = row.time(12);
  out.row.updated = row.time(13);
  out.thread = row.integer(14);
  out.webhook = (bits & webhook_bit) != 0;
  out.thread_deleted = row.integer(15) != 0;
  if (!row.is_null(16))
    out.started = row.time(16);
  return out;
}

std::optional<placed_run> first(cursor rows) {
  if (rows.next())
    return placed(rows);
  return std::nullopt;
}

/// What `record_of` reads. A run marked by a bulk has no reason of its own yet:
/// it is the work row's.
const std::string records
  = "SELECT r.id,t.id,r.assistant,r.created,r.updated,"
    "CASE WHEN r.status=0 AND r.cancel=1 THEN 5 ELSE r.status END,"
    "b.metadata,b.kwargs,b.multitask,CASE WHEN r.status=0 AND r.cancel IS NOT "
    "NULL THEN ifnull(b.cancel_reason,(SELECT reason FROM bulk WHERE upto>=r.n "
    "AND action=r.cancel AND (kind=0 OR key=r.assistant OR key=t.id) "
    "ORDER BY n LIMIT 1)) ELSE b.cancel_reason END "
    "FROM run r JOIN thread t ON t.n=r.thread JOIN run_body b ON b.n=r.n ";
/// The runs that are not absent.
const std::string visible = "t.deleted=0 AND r.flags&4=0 "
                            "AND NOT (r.status=0 AND ifnull(r.cancel,0)=2) ";

} // namespace

std::int64_t to_bits(const run_flags& flags, bool webhook) noexcept {
  return (flags.temporary ? temporary_bit : 0)
         | (flags.resumable ? resumable_bit : 0)
         | (flags.deleting ? deleting_bit : 0) | (webhook ? webhook_bit : 0)
         | (flags.outlived ? outlived_bit : 0);
}

std::optional<placed_run> sqlite_tx::find(const run_id& id) {
  static const auto sql = run_columns + "WHERE r.id=?";
  return first(db_.select(sql.c_str(), id));
}

std::optional<placed_run> sqlite_tx::find(std::int64_t n) {
  static const auto sql = run_columns + "WHERE r.n=?";
  return first(db_.select(sql.c_str(), n));
}

std::optional<placed_run> sqlite_tx::find(const thread_id& thread,
                                          const run_id& id) {
  auto run = find(id);
  if (run && run->row.thread != thread)
    run.reset();
  return run;
}

std::optional<placed_run> sqlite_tx::running_of(std::int64_t thread) {
  static const auto sql = run_columns + "WHERE r.thread=? AND r.status=1";
  return first(db_.select(sql.c_str(), thread));
}

std::vector<placed_run> sqlite_tx::live_of(std::int64_t thread,
                                           std::size_t limit) {
  static const auto sql = run_columns
                          + "WHERE r.thread=? AND r.status=0 "
                            "ORDER BY (r.attempt=0),r.due,r.n LIMIT ?";
  std::vector<placed_run> out;
  if (auto run = running_of(thread); run && limit > 0)
    out.push_back(std::move(*run));
  auto rows = db_.select(sql.c_str(), thread, limit - out.size());
  while (rows.next())
    out.push_back(placed(rows));
  return out;
}

run_record sqlite_tx::record_of(cursor& row) {
  run_record out;
  out.id = row.id<run_id>(0);
  out.thread = row.id<thread_id>(1);
  out.assistant = row.id<assistant_id>(2);
  out.created = row.time(3);
  out.updated = row.time(4);
  out.status = static_cast<run_status>(row.integer(5));
  out.metadata = row.json(6);
  out.kwargs = row.json(7);
  out.multitask = static_cast<multitask_strategy>(row.integer(8));
  out.cancel_reason = row.text(9);
  return out;
}

std::optional<run_record> sqlite_tx::run(const thread_id& thread,
                                         const run_id& run) {
  static const auto sql = records + "WHERE r.id=? AND t.id=? AND " + visible;
  auto rows = db_.select(sql.c_str(), run, thread);
  if (!rows.next())
    return std::nullopt;
  return record_of(rows);
}

std::vector<run_record> sqlite_tx::list_runs(const run_query& query) {
  static const auto all = records + "WHERE r.thread=? AND " + visible
                          + "AND (?2 IS NULL OR ?2=CASE WHEN r.status=0 AND "
                            "r.cancel=1 THEN 5 ELSE r.status END) "
                            "ORDER BY r.created DESC,r.n DESC LIMIT ?3 "
                            "OFFSET ?4";
  auto thread = thread_number(query.thread);
  std::vector<run_record> out;
  auto rows
    = db_.select(all.c_str(), thread, query.status, query.limit, query.offset);
  while (rows.next())
    out.push_back(record_of(rows));
  return out;
}

std::vector<run_id> sqlite_tx::live_runs(const thread_id& thread,
                                         std::size_t limit) {
  std::vector<run_id> out;
  auto rows = db_.select(
    "SELECT n,id FROM run WHERE thread=?1 AND status=1 AND flags&4=0 "
    "UNION ALL SELECT n,id FROM run WHERE thread=?1 AND status=0 "
    "AND cancel IS NULL ORDER BY 1 LIMIT ?2",
    thread_number(thread), limit);
  while (rows.next())
    out.push_back(rows.id<run_id>(1));
  return out;
}

bool sqlite_tx::has_live_run(const thread_id& thread) {
  return busy(thread_number(thread));
}

std::vector<run_id> sqlite_tx::run_ids(const thread_id& thread,
                                       std::size_t limit) {
  std::vector<run_id> out;
  auto rows = db_.select("SELECT r.id FROM thread t JOIN run r ON r.thread=t.n "
                         "WHERE t.id=? LIMIT ?",
                         thread, limit);
  while (rows.next())
    out.push_back(rows.id<run_id>(0));
  return out;
}

live_listing sqlite_tx::live_by_status(const by_status& which,
                                       std::size_t limit) {
  std::vector<std::int64_t> numbers;
  auto collect = [&](const char* sql) {
    auto rows = db_.select(sql);
    while (rows.next())
      numbers.push_back(rows.integer(0));
  };
  if (which.running)
    collect("SELECT r.n FROM run r JOIN thread t ON t.n=r.thread "
            "WHERE r.status=1 AND r.flags&4=0 AND t.deleted=0");
  if (which.pending)
    collect("SELECT n FROM run INDEXED BY run_todo WHERE status=0 "
            "AND cancel IS NULL");
  std::sort(numbers.begin(), numbers.end());
  live_listing out;
  out.matched = numbers.size();
  numbers.resize(std::min(limit, numbers.size()));
  for (auto n : numbers) {
    auto run = find(n)->row;
    auto status = run.status;
    out.runs.emplace_back(std::move(run), status);
  }
  return out;
}

std::size_t sqlite_tx::count_waiting(const thread_id& thread,
                                     std::size_t limit) {
  return static_cast<std::size_t>(db_.number(
    0,
    "SELECT count(*) FROM (SELECT 1 FROM run WHERE thread=? AND status=0 "
    "LIMIT ?)",
    thread_number(thread), limit));
}

std::optional<run_row> sqlite_tx::row(const run_id& run) {
  if (auto found = find(run))
    return found->row;
  return std::nullopt;
}

std::vector<run_row> sqlite_tx::live_rows(const thread_id& thread,
                                          std::size_t limit) {
  std::vector<run_row> out;
  auto n = db_.number(0, "SELECT n FROM thread WHERE id=?", thread);
  for (auto& run : live_of(n, limit))
    out.push_back(std::move(run.row));
  return out;
}

std::vector<ready_run> sqlite_tx::ready_runs(timestamp now,
                                             ready_position after,
                                             std::size_t limit,
                                             const graph_filter& graphs) {
  std::vector<ready_run> out;
  auto rows = db_.select(
    "SELECT r.due,r.n,r.id,t.id,r.strikes>0 AND r.flags&16=0,"
    "(SELECT graph FROM run_body WHERE n=r.n) "
    "FROM run r JOIN thread t "
    "ON t.n=r.thread WHERE r.status=0 AND r.head=1 AND r.cancel IS NULL "
    "AND r.due<=? AND (r.due,r.n)>(?,?) ORDER BY r.due,r.n",
    now, after.due, after.n);
  while (out.size() < limit && rows.next())
    if (graphs.takes(rows.view(5)))
      out.push_back({{rows.time(0), rows.integer(1)},
                     rows.id<run_id>(2),
                     rows.id<thread_id>(3),
                     rows.integer(4) > 0});
  return out;
}

std::string sqlite_tx::graph_of(std::int64_t run) {
  auto rows = db_.select("SELECT graph FROM run_body WHERE n=?", run);
  return rows.next() ? rows.text(0) : std::string{};
}

std::optional<timestamp> sqlite_tx::next_due(timestamp now) {
  auto rows = db_.select("SELECT due FROM run WHERE status=0 AND head=1 "
                         "AND cancel IS NULL AND due>? ORDER BY due LIMIT 1",
                         now);
  if (!rows.next())
    return std::nullopt;
  return rows.time(0);
}

run_counts sqlite_tx::counts() {
  // Pending runs carry an intent only while there is a work row.
  const auto* sql
    = db_.number(0, "SELECT EXISTS(SELECT 1 FROM bulk)") == 0
        ? "SELECT count(*),min(due) FROM run INDEXED BY run_todo WHERE status=0"
        : "SELECT count(*),min(due) FROM run WHERE status=0 AND cancel IS NULL";
  run_counts out;
  auto rows = db_.select(sql);
  rows.next();
  out.pending = static_cast<std::uint64_t>(rows.integer(0));
  if (!rows.is_null(1))
    out.oldest_due = rows.time(1);
  out.running = static_cast<std::uint64_t>(
    db_.number(0, "SELECT count(*) FROM run WHERE status=1"));
  return out;
}

} // namespace heddle::sqlite
