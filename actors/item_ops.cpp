#include "actors/item_ops.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace heddle::actors {

namespace {

using nlohmann::json;
using labels = std::vector<std::string>;

labels labels_at(const json& op, const char* key) {
  auto at = op.find(key);
  return at == op.end() || at->is_null() ? labels{} : at->get<labels>();
}

std::string quoted_labels(const labels& ns) {
  std::string result = "[";
  for (const auto& label : ns)
    result += (result.size() > 1 ? "," : "") + json_quote(label);
  return result + "]";
}

std::string item_json(const item_row& item) {
  return R"({"namespace":)" + quoted_labels(item.ns) + R"(,"key":)"
         + json_quote(item.key) + R"(,"value":)" + item.value.str()
         + R"(,"created_at":")" + format_time(item.created)
         + R"(","updated_at":")" + format_time(item.updated) + R"("})";
}

std::string get(read_tx& tx, const json& op) {
  auto found
    = tx.item(labels_at(op, "namespace"), op.at("key").get<std::string>());
  return found ? item_json(*found) : "null";
}

std::string search(read_tx& tx, const json& op) {
  item_query query;
  query.prefix = labels_at(op, "namespace_prefix");
  if (auto filter = op.find("filter");
      filter != op.end() && filter->is_object())
    query.filter = json_text{filter->dump()};
  query.limit = op.value("limit", 10U);
  query.offset = op.value("offset", 0U);
  std::string result = "[";
  for (const auto& item : tx.search_items(query))
    result += (result.size() > 1 ? "," : "") + item_json(item);
  return result + "]";
}

std::string namespaces(read_tx& tx, const json& op) {
  namespace_query query;
  query.prefix = labels_at(op, "prefix");
  query.suffix = labels_at(op, "suffix");
  if (auto depth = op.find("max_depth"); depth != op.end() && !depth->is_null())
    query.depth = depth->get<std::uint32_t>();
  query.limit = op.value("limit", 100U);
  query.offset = op.value("offset", 0U);
  std::string result = "[";
  for (const auto& ns : tx.namespaces(query))
    result += (result.size() > 1 ? "," : "") + quoted_labels(ns);
  return result + "]";
}

std::string put(write_tx& tx, const json& op, timestamp now) {
  item_row item;
  item.ns = labels_at(op, "namespace");
  item.key = op.at("key").get<std::string>();
  if (op.at("value").is_null()) {
    tx.remove_item(item.ns, item.key);
    return "null";
  }
  item.value = json_text{op.at("value").dump()};
  item.created = now;
  item.updated = now;
  if (auto ttl = op.find("ttl"); ttl != op.end() && ttl->is_number())
    item.expires
      = now
        + std::chrono::duration_cast<std::chrono::microseconds>(
          std::chrono::duration<double, std::ratio<60>>{ttl->get<double>()});
  tx.put_item(item);
  return "null";
}

std::string read_one(read_tx& tx, const json& op) {
  auto kind = op.at("op").get<std::string>();
  if (kind == "get")
    return get(tx, op);
  if (kind == "search")
    return search(tx, op);
  if (kind == "namespaces")
    return namespaces(tx, op);
  throw std::invalid_argument{"unknown store operation " + kind};
}

template <class One>
json_text each(const json_text& ops, One one) {
  std::string result = "[";
  for (const auto& op : json::parse(ops.view()))
    result += (result.size() > 1 ? "," : "") + one(op);
  return json_text{result + "]"};
}

} // namespace

bool item_ops_write(const json_text& ops) {
  // A string that happens to hold these bytes only costs a write lane.
  return ops.view().find(R"("put")") != std::string_view::npos;
}

json_text read_item_ops(read_tx& tx, const json_text& ops) {
  return each(ops, [&](const json& op) { return read_one(tx, op); });
}

json_text run_item_ops(write_tx& tx, const json_text& ops, timestamp now) {
  return each(ops, [&](const json& op) {
    return op.at("op") == "put" ? put(tx, op, now) : read_one(tx, op);
  });
}

} // namespace heddle::actors
