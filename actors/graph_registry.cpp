#include "actors/graph_registry.hpp"

#include <algorithm>

namespace heddle::actors {

graph_registry::graph_registry(std::vector<std::string> ids) {
  for (auto& id : ids)
    graphs_.push_back({std::move(id), {}, false, {}});
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

} // namespace heddle::actors
