#include "store/sqlite_json.hpp"
#include "store/sqlite_tx.hpp"

#include <map>
#include <unordered_map>

// Reading checkpoints. A checkpoint that several runs have put under one id
// shows the newest row; of writes to one place, the first one wins for results
// (idx >= 0) and the last one for errors, interrupts and resumes.

namespace heddle::sqlite {

namespace {

const std::string checkpoint_columns
  = "SELECT c.n,c.ns,c.id,c.parent,r.id,c.created,c.chans,c.metadata,"
    "c.head_type,c.head,c.view_next,c.view_tasks,c.view_shape,c.view_values "
    "FROM checkpoint c LEFT JOIN run r ON r.n=c.run ";

std::vector<std::int64_t> to_numbers(std::string_view chans) {
  std::vector<std::int64_t> out(chans.size() / sizeof(std::int64_t));
  if (!out.empty())
    std::memcpy(out.data(), chans.data(), out.size() * sizeof(std::int64_t));
  return out;
}

checkpoint_view view_of(const cursor& row) {
  checkpoint_view out;
  out.ns = row.text(1);
  out.id = row.text(2);
  out.next = to_strings(row.view(10));
  out.tasks = row.json(11);
  if (!row.is_null(12))
    out.shape = to_strings(row.view(12));
  out.values = row.json(13);
  return out;
}

pending_write write_of(const cursor& row) {
  return {row.text(0),
          row.text(1),
          static_cast<std::int32_t>(row.integer(2)),
          row.text(3),
          {row.text(5), row.json(6)},
          row.json(4)};
}

std::vector<pending_write> writes_of(connection& db, std::int64_t thread,
                                     std::string_view ns,
                                     std::string_view checkpoint) {
  std::vector<pending_write> out;
  std::map<std::tuple<std::string, std::string, std::int32_t>, std::size_t> at;
  auto rows = db.select("SELECT task,path,idx,channel,json,type,bytes "
                        "FROM write WHERE thread=? AND ns=? AND checkpoint=? "
                        "ORDER BY n",
                        thread, ns, checkpoint);
  while (rows.next()) {
    auto write = write_of(rows);
    auto [place, fresh]
      = at.try_emplace({write.path, write.task, write.idx}, out.size());
    if (fresh)
      out.push_back(std::move(write));
    else if (write.idx < 0)
      out[place->second] = std::move(write);
  }
  std::vector<pending_write> sorted;
  sorted.reserve(out.size());
  for (const auto& [key, index] : at)
    sorted.push_back(std::move(out[index]));
  return sorted;
}

} // namespace

std::string sqlite_tx::assemble(std::string_view chans,
                                std::string_view shape) {
  std::unordered_map<std::string, std::string> values;
  for (auto n : to_numbers(chans)) {
    auto rows = db_.select("SELECT channel,json FROM value WHERE n=? "
                           "AND json IS NOT NULL",
                           n);
    if (rows.next())
      values.emplace(rows.text(0), rows.text(1));
  }
  std::string out = "{";
  for (const auto& channel : to_strings(shape)) {
    auto value = values.find(channel);
    if (value == values.end())
      continue;
    out += out.size() > 1 ? "," : "";
    out.append(json_quote(channel)).append(":").append(value->second);
  }
  return out + "}";
}

checkpoint_row sqlite_tx::checkpoint_of(cursor& row, std::int64_t thread) {
  checkpoint_row out;
  out.n = row.integer(0);
  out.ns = row.text(1);
  out.id = row.text(2);
  out.parent = row.text(3);
  if (!row.is_null(4))
    out.run = row.id<run_id>(4);
  out.created = row.time(5);
  out.metadata = row.json(7);
  out.head = {row.text(8), row.json(9)};
  if (!row.is_null(10))
    out.view = view_of(row);
  for (auto n : to_numbers(row.view(6))) {
    auto rows = db_.select("SELECT channel,version,type,bytes,json FROM value "
                           "WHERE n=?",
                           n);
    if (rows.next())
      out.values.push_back({rows.text(0),
                            rows.text(1),
                            {rows.text(2), rows.json(3)},
                            rows.json(4)});
  }
  out.writes = writes_of(db_, thread, out.ns, out.id);
  return out;
}

std::optional<checkpoint_row>
sqlite_tx::checkpoint(const thread_id& thread, std::string_view ns,
                      const std::optional<std::string>& id) {
  static const auto latest
    = checkpoint_columns
      + "WHERE c.thread=? AND c.ns=? ORDER BY c.n DESC LIMIT 1";
  static const auto named
    = checkpoint_columns
      + "WHERE c.thread=? AND c.ns=? AND c.id=? ORDER BY c.n DESC LIMIT 1";
  auto n = thread_number(thread);
  auto rows = id ? db_.select(named.c_str(), n, ns, *id)
                 : db_.select(latest.c_str(), n, ns);
  if (!rows.next())
    return std::nullopt;
  return checkpoint_of(rows, n);
}

std::vector<checkpoint_row>
sqlite_tx::checkpoints(const checkpoint_query& query) {
  static const std::string shown
    = "AND NOT EXISTS(SELECT 1 FROM checkpoint d WHERE d.thread=c.thread "
      "AND d.ns=c.ns AND d.id=c.id AND d.n>c.n) AND c.n<?2 "
      "ORDER BY c.n DESC";
  static const auto in_ns
    = checkpoint_columns + "WHERE c.thread=?1 AND c.ns=?3 " + shown;
  static const auto in_all = checkpoint_columns + "WHERE c.thread=?1 " + shown;
  auto n = thread_number(query.thread);
  auto before = INT64_MAX;
  if (query.before)
    before = db_.number(INT64_MAX, // Not there: nothing is cut off.
                        "SELECT max(n) FROM checkpoint WHERE thread=?1 "
                        "AND (?2 IS NULL OR ns=?2) AND id=?3",
                        n, query.ns, *query.before);
  auto filter = query.filter.empty() ? nlohmann::json::object()
                                     : parse(query.filter.view());
  std::vector<checkpoint_row> out;
  auto rows = query.ns ? db_.select(in_ns.c_str(), n, before, *query.ns)
                       : db_.select(in_all.c_str(), n, before);
  while (out.size() < query.limit && rows.next())
    if (filter.empty() || contains(parse(rows.view(7)), filter))
      out.push_back(checkpoint_of(rows, n));
  return out;
}

std::optional<live_state_row> sqlite_tx::live_state(const thread_id& thread) {
  auto at = stand(thread_number(thread));
  if (!at.live)
    return std::nullopt;
  return live_state_row{at.values, to_strings(at.next.view()), at.tasks,
                        at.interrupts};
}

} // namespace heddle::sqlite
