#include "store/sqlite_json.hpp"
#include "store/sqlite_tx.hpp"

#include "core/json_slice.hpp"

#include <algorithm>
#include <set>

// The long-term store. A namespace is kept as its labels, each ended by a
// separator, so that a prefix of labels is a prefix of the text.

namespace heddle::sqlite {

namespace {

constexpr char end_of_label = '\x1f';
constexpr char escape = '\x1e';

std::string encode(const std::vector<std::string>& labels) {
  std::string out;
  for (const auto& label : labels) {
    for (auto c : label) {
      if (c == escape || c == end_of_label) {
        out += escape;
        out += c == escape ? '0' : '1';
      } else {
        out += c;
      }
    }
    out += end_of_label;
  }
  return out;
}

std::vector<std::string> decode(std::string_view text) {
  std::vector<std::string> out;
  std::string label;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == end_of_label)
      out.push_back(std::exchange(label, {}));
    else if (text[i] == escape && i + 1 < text.size())
      label += text[++i] == '0' ? escape : end_of_label;
    else
      label += text[i];
  }
  return out;
}

/// Everything below `prefix` is less than this.
std::string after(std::string prefix) {
  if (prefix.empty())
    return "\xff";
  ++prefix.back(); // The separator.
  return prefix;
}

item_row item_of(const cursor& row) {
  item_row out{decode(row.view(0)), row.text(1), row.json(2),
               row.time(3),         row.time(4), std::nullopt};
  if (!row.is_null(5))
    out.expires = row.time(5);
  return out;
}

bool compare(const nlohmann::json& have, const std::string& op,
             const nlohmann::json& want) {
  if (op == "$eq")
    return have == want;
  if (op == "$ne")
    return have != want;
  auto ordered = (have.is_number() && want.is_number())
                 || (have.is_string() && want.is_string());
  if (!ordered)
    return false;
  return op == "$gt"    ? have > want
         : op == "$gte" ? have >= want
         : op == "$lt"  ? have < want
         : op == "$lte" ? have <= want
                        : false;
}

bool has_operator(const nlohmann::json& want) {
  if (!want.is_object())
    return false;
  for (const auto& member : want.items())
    if (member.key().starts_with('$'))
      return true;
  return false;
}

bool matches(const nlohmann::json& have, const nlohmann::json& want) {
  if (!has_operator(want))
    return have == want;
  for (const auto& [op, operand] : want.items())
    if (!compare(have, op, operand))
      return false;
  return true;
}

bool passes(const nlohmann::json& value, const nlohmann::json& filter) {
  for (const auto& [key, want] : filter.items()) {
    auto at = value.is_object() ? value.find(key) : value.end();
    if (!matches(at == value.end() ? nlohmann::json{} : *at, want))
      return false;
  }
  return true;
}

bool same(const std::string& label, const std::string& pattern) {
  return pattern == "*" || label == pattern;
}

bool selects(const namespace_query& query,
             const std::vector<std::string>& labels) {
  const auto& [prefix, suffix, depth, limit, offset] = query;
  return labels.size() >= std::max(prefix.size(), suffix.size())
         && std::equal(prefix.begin(), prefix.end(), labels.begin(),
                       [](const auto& pattern, const auto& label) {
                         return same(label, pattern);
                       })
         && std::equal(suffix.rbegin(), suffix.rend(), labels.rbegin(),
                       [](const auto& pattern, const auto& label) {
                         return same(label, pattern);
                       });
}

} // namespace

std::optional<item_row> sqlite_tx::item(const std::vector<std::string>& ns,
                                        std::string_view key) {
  auto rows
    = db_.select("SELECT ns,key,value,created,updated,expires FROM item "
                 "WHERE ns=? AND key=? AND ifnull(expires>?,1)",
                 encode(ns), key, env_.clock());
  if (!rows.next())
    return std::nullopt;
  return item_of(rows);
}

std::vector<item_row> sqlite_tx::search_items(const item_query& query) {
  auto prefix = encode(query.prefix);
  auto filter = query.filter.empty() ? nlohmann::json::object()
                                     : parse(query.filter.view());
  std::vector<item_row> out;
  std::uint64_t skip = query.offset;
  auto rows
    = db_.select("SELECT ns,key,value,created,updated,expires FROM item "
                 "WHERE ns>=? AND ns<? AND ifnull(expires>?,1) "
                 "ORDER BY updated DESC,n DESC",
                 prefix, after(prefix), env_.clock());
  while (out.size() < query.limit && rows.next()) {
    if (!filter.empty() && !passes(parse(rows.view(2)), filter))
      continue;
    if (skip > 0)
      --skip;
    else
      out.push_back(item_of(rows));
  }
  return out;
}

std::vector<std::vector<std::string>>
sqlite_tx::namespaces(const namespace_query& query) {
  std::set<std::vector<std::string>> found;
  auto rows = db_.select("SELECT DISTINCT ns FROM item "
                         "WHERE ifnull(expires>?,1) ORDER BY ns",
                         env_.clock());
  while (rows.next()) {
    auto labels = decode(rows.view(0));
    if (!selects(query, labels))
      continue;
    if (query.depth && labels.size() > *query.depth)
      labels.resize(*query.depth);
    found.insert(std::move(labels));
  }
  std::vector<std::vector<std::string>> out;
  std::uint64_t at = 0;
  for (const auto& labels : found)
    if (at++ >= query.offset && out.size() < query.limit)
      out.push_back(labels);
  return out;
}

void sqlite_tx::put_item(const item_row& item) {
  db_.run("INSERT INTO item(ns,key,created,updated,expires,value) "
          "VALUES(?1,?2,?3,?4,?5,?6) ON CONFLICT(ns,key) DO UPDATE SET "
          "created=iif(ifnull(expires>?4,1),created,?3),updated=?4,"
          "expires=?5,value=?6",
          encode(item.ns), item.key, item.created, item.updated, item.expires,
          item.value);
}

void sqlite_tx::remove_item(const std::vector<std::string>& ns,
                            std::string_view key) {
  db_.run("DELETE FROM item WHERE ns=? AND key=?", encode(ns), key);
}

} // namespace heddle::sqlite
