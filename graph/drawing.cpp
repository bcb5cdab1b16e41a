#include "core/json_object.hpp"
#include "graph/plan.hpp"

#include <set>

namespace heddle::graph {

namespace {

std::string title(std::string_view name) {
  std::string made;
  bool first = true;
  for (char c : name) {
    made += c == '_' ? ' ' : first && c >= 'a' && c <= 'z' ? char(c - 32) : c;
    first = c == '_';
  }
  return made;
}

/// A JSON Schema of the state's channels; what has no schema may be anything.
std::string state_schema(const plan& of) {
  core::json_object properties;
  for (const auto& channel : of.channels) {
    if (!channel.shown())
      continue;
    core::json_object schema{channel.spec.schema.or_else("{}")};
    if (!schema.find("title"))
      schema.set("title", json_quote(title(channel.name)));
    properties.set(channel.name, schema.str());
  }
  core::json_object whole;
  whole.set("properties", properties.str());
  whole.set("title", "\"State\"");
  whole.set("type", "\"object\"");
  return whole.str();
}

std::string node_json(std::string_view name) {
  auto quoted = json_quote(name);
  if (name == end)
    return "{\"id\":" + quoted + "}";
  return "{\"id\":" + quoted
         + ",\"type\":\"runnable\",\"data\":{\"name\":" + quoted + "}}";
}

/// Collects edges, each once, in the order of their mention.
class edge_list {
public:
  void add(std::string_view from, std::string_view to, bool conditional) {
    if (to == end)
      ends_ = true;
    if (!seen_.insert(std::string{from} + "\n" + std::string{to}).second)
      return;
    text_ += text_.empty() ? "" : ",";
    text_ += "{\"source\":" + json_quote(from) + ",\"target\":" + json_quote(to)
             + (conditional ? ",\"conditional\":true}" : "}");
  }

  bool ends() const noexcept { return ends_; }
  const std::string& text() const noexcept { return text_; }

private:
  std::set<std::string> seen_;
  std::string text_;
  bool ends_ = false;
};

void add_branch(edge_list& edges, const plan& of, const plan_node& from,
                const plan_branch& branch) {
  for (const auto& to : branch.targets)
    edges.add(from.name, to, true);
  if (!branch.targets.empty())
    return;
  for (const auto& node : of.nodes)
    if (node.name != from.name && node.name != start)
      edges.add(from.name, node.name, true);
  edges.add(from.name, end, true);
}

} // namespace

json_text compiled::schemas() const {
  auto state = state_schema(*plan_);
  std::string text = "{\"input_schema\":" + state
                     + ",\"output_schema\":" + state
                     + ",\"state_schema\":" + state + ",\"config_schema\":";
  text += plan_->config_schema.or_else("{}");
  text += ",\"context_schema\":";
  text += plan_->context_schema.or_else("null");
  return json_text{text + "}"};
}

json_text compiled::drawing() const {
  edge_list edges;
  for (const auto& node : plan_->nodes) {
    for (const auto& to : node.edges)
      edges.add(node.name, to, false);
    for (const auto& branch : node.branches)
      add_branch(edges, *plan_, node, branch);
    for (const auto& to : node.destinations)
      edges.add(node.name, to, true);
  }
  std::string nodes;
  for (const auto& node : plan_->nodes)
    nodes += (nodes.empty() ? "" : ",") + node_json(node.name);
  if (edges.ends())
    nodes += "," + node_json(end);
  return json_text{"{\"nodes\":[" + nodes + "],\"edges\":[" + edges.text()
                   + "]}"};
}

const std::string& compiled::description() const {
  return plan_->description;
}

} // namespace heddle::graph
