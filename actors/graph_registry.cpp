#include "actors/graph_registry.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace heddle::actors {

graph_registry::graph_registry(std::vector<std::vector<std::string>> kinds)
  : kinds_(std::move(kinds)) {
  for (const auto& ids : kinds_)
    for (const auto& id : ids)
      graphs_.push_back({id, {}, false, {}});
}

kind_no graph_registry::kind_of(std::string_view graph) const {
  for (kind_no kind = 1; kind < kinds_.size(); ++kind)
    if (std::ranges::find(kinds_[kind], graph) != kinds_[kind].end())
      return kind;
  return 0;
}

graph_filter graph_registry::filter(kind_no kind) const {
  if (kind > 0)
    return {kinds_[kind], false};
  graph_filter result;
  for (kind_no other = 1; other < kinds_.size(); ++other)
    result.names.insert(result.names.end(), kinds_[other].begin(),
                        kinds_[other].end());
  return result;
}

kind_no graph_registry::likely_kind(const std::string& assistant) const {
  if (kinds_.size() < 2)
    return 0;
  auto id = assistant_id::parse(assistant);
  if (!id)
    return kind_of(assistant);
  std::lock_guard guard{mutex_};
  auto seen = assistants_.find(*id);
  return seen == assistants_.end() ? 0 : seen->second;
}

void graph_registry::learn(const assistant_id& assistant,
                           const std::string& graph) {
  if (kinds_.size() < 2)
    return;
  auto kind = kind_of(graph);
  std::lock_guard guard{mutex_};
  if (assistants_.size() >= assistants_max)
    assistants_.clear();
  assistants_[assistant] = kind;
}

void graph_registry::learn(const std::vector<worker::graph_info>& graphs) {
  std::lock_guard guard{mutex_};
  for (const auto& said : graphs) {
    auto known = std::ranges::find(graphs_, said.id, &graph_status::id);
    if (known != graphs_.end())
      *known = {said.id, said.description, said.error.empty(), said.error};
  }
}

std::vector<graph_status> graph_registry::all() const {
  std::lock_guard guard{mutex_};
  return graphs_;
}

std::vector<std::string> graph_registry::ids() const {
  std::lock_guard guard{mutex_};
  std::vector<std::string> result;
  for (const auto& graph : graphs_)
    result.push_back(graph.id);
  return result;
}

bool graph_registry::knows(std::string_view id) const {
  std::lock_guard guard{mutex_};
  return std::ranges::find(graphs_, id, &graph_status::id) != graphs_.end();
}

error graph_registry::not_found(const std::string& id) const {
  std::string text = "Graph '" + id + "' not found. Expected one of: [";
  auto known = ids();
  std::ranges::sort(known);
  for (const auto& one : known)
    text += (text.back() == '[' ? "'" : ", '") + one + '\'';
  return {errc::not_found, text + ']'};
}

std::optional<std::string> graph_registry::problem(std::string_view id) const {
  std::lock_guard guard{mutex_};
  auto known = std::ranges::find(graphs_, id, &graph_status::id);
  if (known == graphs_.end() || known->error.empty())
    return std::nullopt;
  return known->error;
}

std::optional<std::string>
served_twice(const std::vector<std::vector<std::string>>& kinds) {
  std::set<std::string_view> seen;
  for (const auto& ids : kinds)
    for (const auto& id : ids)
      if (!seen.insert(id).second)
        return id;
  return std::nullopt;
}

} // namespace heddle::actors
