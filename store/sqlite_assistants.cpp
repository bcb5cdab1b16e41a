#include "store/sqlite_json.hpp"
#include "store/sqlite_tx.hpp"

#include <algorithm>
#include <cctype>
#include <tuple>

// Assistants are few: searches read all and choose.

namespace heddle::sqlite {

namespace {

const std::string assistant_columns
  = "SELECT id,graph,config,context,metadata,created,updated,version,name,"
    "description,n FROM assistant ";

assistant_record assistant_of(const cursor& row) {
  return {row.id<assistant_id>(0),
          row.text(1),
          row.json(2),
          row.json(3),
          row.json(4),
          row.time(5),
          row.time(6),
          static_cast<std::uint32_t>(row.integer(7)),
          row.text(8),
          row.json(9)};
}

bool same_letter(char a, char b) {
  return std::tolower(static_cast<unsigned char>(a))
         == std::tolower(static_cast<unsigned char>(b));
}

bool selects(const assistant_query& query, const nlohmann::json& metadata,
             const assistant_record& assistant) {
  const auto& name = assistant.name;
  return (query.graph.empty() || query.graph == assistant.graph)
         && (query.name.empty()
             || std::search(name.begin(), name.end(), query.name.begin(),
                            query.name.end(), same_letter)
                  != name.end())
         && (metadata.empty()
             || contains(parse(assistant.metadata.view()), metadata));
}

bool less(assistant_query::key key, const assistant_record& a,
          const assistant_record& b) {
  using enum assistant_query::key;
  switch (key) {
    case id: return a.id < b.id;
    case created: return a.created < b.created;
    case updated: return a.updated < b.updated;
    case name: return a.name < b.name;
    case graph: return a.graph < b.graph;
  }
  return false;
}

std::vector<assistant_record> chosen(connection& db,
                                     const assistant_query& query) {
  static const auto sql = assistant_columns + "ORDER BY n";
  auto metadata = query.metadata.empty() ? nlohmann::json::object()
                                         : parse(query.metadata.view());
  std::vector<assistant_record> out;
  auto rows = db.select(sql.c_str());
  while (rows.next())
    if (auto assistant = assistant_of(rows);
        selects(query, metadata, assistant))
      out.push_back(std::move(assistant));
  return out;
}

} // namespace

std::optional<assistant_record> sqlite_tx::assistant(const assistant_id& id) {
  static const auto sql = assistant_columns + "WHERE id=?";
  auto rows = db_.select(sql.c_str(), id);
  if (!rows.next())
    return std::nullopt;
  return assistant_of(rows);
}

std::vector<assistant_record>
sqlite_tx::search_assistants(const assistant_query& query) {
  auto out = chosen(db_, query);
  if (query.order == sort_order::descending)
    std::reverse(out.begin(), out.end());
  std::stable_sort(out.begin(), out.end(), [&](const auto& a, const auto& b) {
    return query.order == sort_order::ascending ? less(query.sort, a, b)
                                                : less(query.sort, b, a);
  });
  auto first = std::min<std::uint64_t>(query.offset, out.size());
  auto last = std::min<std::uint64_t>(first + query.limit, out.size());
  out.erase(out.begin() + static_cast<std::ptrdiff_t>(last), out.end());
  out.erase(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(first));
  return out;
}

std::uint64_t sqlite_tx::count_assistants(const assistant_query& query) {
  return chosen(db_, query).size();
}

void sqlite_tx::put_assistant(const assistant_record& assistant) {
  db_.run("INSERT INTO assistant(id,graph,config,context,metadata,created,"
          "updated,version,name,description) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,"
          "?9,?10) ON CONFLICT(id) DO UPDATE SET graph=?2,config=?3,"
          "context=?4,metadata=?5,updated=?7,version=?8,name=?9,"
          "description=?10",
          assistant.id, assistant.graph, assistant.config, assistant.context,
          assistant.metadata, assistant.created, assistant.updated,
          assistant.version, assistant.name, assistant.description);
}

bool sqlite_tx::remove_assistant(const assistant_id& id) {
  return db_.run("DELETE FROM assistant WHERE id=?", id) > 0;
}

} // namespace heddle::sqlite
