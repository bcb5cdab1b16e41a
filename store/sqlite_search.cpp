#include "store/sqlite_json.hpp"
#include "store/sqlite_tx.hpp"

#include <algorithm>
#include <array>

// Searching threads. Metadata is found by its rarest leaf in the inverted
// table, and then verified; if every leaf is frequent, a walk in the order
// asked for meets enough of them soon. Values are verified only, over a bounded
// walk.

namespace heddle::sqlite {

namespace {

constexpr std::int64_t postings_max = 2000;
constexpr std::size_t values_read_max = 10'000;

const std::string busy_threads
  = "t.n IN (SELECT thread FROM run WHERE status=1 UNION SELECT thread FROM "
    "run WHERE status=0 AND cancel IS NULL)";
const std::string is_busy
  = "(EXISTS(SELECT 1 FROM run WHERE thread=t.n AND status=1) OR EXISTS(SELECT "
    "1 FROM run WHERE thread=t.n AND status=0 AND cancel IS NULL))";
const std::string thread_columns
  = "SELECT t.n,t.id,t.status,t.created,t.updated,t.state_updated,b.metadata,"
    "b.config,b.error FROM thread t JOIN thread_body b ON b.n=t.n "
    "WHERE t.deleted=0 AND ";

/// By names, as the API's clients see them.
const std::string by_status
  = "CASE WHEN " + is_busy
    + " THEN 'busy' WHEN t.status=0 THEN 'idle' WHEN t.status=2 "
      "THEN 'interrupted' ELSE 'error' END";

std::string order_of(thread_query::key key) {
  using enum thread_query::key;
  switch (key) {
    case id: return "t.id";
    case status: return by_status;
    case created: return "t.created";
    case updated: return "t.updated";
    case state_updated: return "t.state_updated";
  }
  return "t.n";
}

/// The statements: which rows x sort x direction. Their addresses last.
const char* walk_sql(int rows, thread_query::key key, sort_order order) {
  static const auto all = [] {
    const std::array<std::string, 5> where = {
      "?1 IS NULL", // Every status.
      busy_threads + " AND ?1 IS NOT NULL",
      "t.status=?1 AND NOT " + is_busy,
      "t.n IN (SELECT n FROM leaf WHERE hash=?1)",
      "t.id=?1",
    };
    std::vector<std::string> out;
    for (const auto& some : where)
      for (int sort = 0; sort < 5; ++sort)
        for (const auto* way : {"", " DESC"})
          out.push_back(thread_columns + some + " ORDER BY "
                        + order_of(static_cast<thread_query::key>(sort)) + way
                        + ",t.n" + way);
    return out;
  }();
  auto at
    = (static_cast<std::size_t>(rows) * 5 + static_cast<std::size_t>(key)) * 2
      + (order == sort_order::descending ? 1 : 0);
  return all[at].c_str();
}

enum rows_of : int { every, busy_ones, of_status, of_leaf, of_id };

/// The rarest leaf of the filter, if it is rare enough (or must be used).
std::optional<std::int64_t> rarest(connection& db, const nlohmann::json& want,
                                   bool always) {
  std::optional<std::int64_t> out;
  auto least = always ? INT64_MAX : postings_max + 1;
  for (auto hash : leaves(want)) {
    auto found = db.number(0,
                           "SELECT count(*) FROM (SELECT 1 FROM leaf "
                           "WHERE hash=? LIMIT ?)",
                           hash, always ? INT64_MAX : postings_max + 1);
    if (found < least) {
      least = found;
      out = hash;
    }
  }
  return out;
}

nlohmann::json filter_of(const json_text& text) {
  return text.empty() ? nlohmann::json::object() : parse(text.view());
}

/// Calls `use` with rows that match all but `values`, until it says false.
class walk {
public:
  walk(connection& db, const thread_query& query, bool counting)
    : db_(db), query_(query), metadata_(filter_of(query.metadata)),
      counting_(counting) {}

  template <class Use>
  void each(Use use) {
    if (!query_.ids.empty()) {
      auto ids = query_.ids;
      std::sort(ids.begin(), ids.end());
      ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
      for (const auto& id : ids)
        if (!some(db_.select(sql(of_id), id), use))
          return;
      return;
    }
    if (!metadata_.empty())
      if (auto leaf = rarest(db_, metadata_, counting_)) {
        some(db_.select(sql(of_leaf), *leaf), use);
        return;
      }
    auto rows = !query_.status                         ? every
                : query_.status == thread_status::busy ? busy_ones
                                                       : of_status;
    some(db_.select(sql(rows), query_.status), use);
  }

private:
  const char* sql(rows_of rows) const {
    return walk_sql(rows, query_.sort, query_.order);
  }

  template <class Use>
  bool some(cursor rows, Use& use) {
    while (rows.next()) {
      if (!metadata_.empty() && !contains(parse(rows.view(6)), metadata_))
        continue;
      if (!use(rows))
        return false;
    }
    return true;
  }

  connection& db_;
  const thread_query& query_;
  nlohmann::json metadata_;
  bool counting_;
};

bool less(thread_query::key key, const thread_record& a,
          const thread_record& b) {
  using enum thread_query::key;
  switch (key) {
    case id: return a.id < b.id;
    case status: return to_string(a.status) < to_string(b.status);
    case created: return a.created < b.created;
    case updated: return a.updated < b.updated;
    case state_updated: return a.state_updated < b.state_updated;
  }
  return false;
}

} // namespace

std::vector<thread_record>
sqlite_tx::search_threads(const thread_query& query) {
  auto values = filter_of(query.values);
  // Rows by id come one by one: all are needed before they can be sorted.
  auto by_id = !query.ids.empty();
  std::uint64_t skip = query.offset;
  std::size_t read = 0;
  std::vector<thread_record> out;
  walk{db_, query, false}.each([&](cursor& row) {
    if (!by_id && out.size() >= query.limit)
      return false;
    if (!values.empty() && ++read > values_read_max)
      return false;
    if (!by_id && values.empty() && skip > 0 && !query.status)
      return --skip, true;
    auto thread = thread_of(row);
    if (query.status && thread.status != query.status)
      return true;
    if (!values.empty() && !contains(parse(thread.values.view()), values))
      return true;
    if (!by_id && skip > 0)
      return --skip, true;
    out.push_back(std::move(thread));
    return true;
  });
  if (!by_id)
    return out;
  std::stable_sort(out.begin(), out.end(), [&](const auto& a, const auto& b) {
    return query.order == sort_order::ascending ? less(query.sort, a, b)
                                                : less(query.sort, b, a);
  });
  auto first = std::min<std::uint64_t>(skip, out.size());
  out.erase(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(first));
  if (out.size() > query.limit)
    out.erase(out.begin() + query.limit, out.end());
  return out;
}

std::uint64_t sqlite_tx::count_threads(const thread_query& query) {
  auto values = filter_of(query.values);
  if (query.ids.empty() && query.metadata.empty() && values.empty()
      && !query.status)
    return static_cast<std::uint64_t>(
      db_.number(0, "SELECT count(*) FROM thread WHERE deleted=0"));
  std::uint64_t out = 0;
  std::size_t read = 0;
  walk{db_, query, true}.each([&](cursor& row) {
    if (values.empty() && !query.status)
      return ++out, true;
    if (!values.empty() && ++read > values_read_max)
      return false;
    auto thread = thread_of(row);
    if ((!query.status || thread.status == query.status)
        && (values.empty() || contains(parse(thread.values.view()), values)))
      ++out;
    return true;
  });
  return out;
}

} // namespace heddle::sqlite
