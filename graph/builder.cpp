#include "core/json_object.hpp"
#include "graph/plan.hpp"
#include "heddle/json_check.hpp"

#include <algorithm>
#include <set>

namespace heddle::graph {

namespace {

struct edge_spec {
  std::vector<std::string> from;
  std::string to;
};

struct branch_spec {
  std::string from;
  plan_branch what;
};

/// Complaints, one line each.
class complaints {
public:
  void add(const std::string& line) {
    text_ += text_.empty() ? "" : "\n";
    text_ += line;
  }
  bool empty() const noexcept { return text_.empty(); }
  const std::string& text() const noexcept { return text_; }

private:
  std::string text_;
};

bool is_reserved(std::string_view name) {
  return name == start || name == end
         || name.find_first_of(":|") != std::string_view::npos;
}

} // namespace

struct builder::parts {
  std::string description;
  std::vector<plan_channel> channels;
  std::vector<plan_node> nodes{
    {std::string{start}, {}, {}, {}, {}, {}, {}, {}}};
  std::vector<edge_spec> edges;
  std::vector<branch_spec> branches;
  std::vector<std::string> before;
  std::vector<std::string> after;
  json_text config_schema;
  json_text context_schema;
  complaints wrong;

  plan_node* find(std::string_view name) {
    auto found = std::find_if(nodes.begin(), nodes.end(),
                              [&](const auto& n) { return n.name == name; });
    return found == nodes.end() ? nullptr : &*found;
  }

  void add_node(plan_node what) {
    if (what.name.empty() || is_reserved(what.name))
      wrong.add("'" + what.name + "' cannot be the name of a node");
    else if (find(what.name))
      wrong.add("Node `" + what.name + "` already present.");
    else
      nodes.push_back(std::move(what));
  }

  void check(complaints& found) const;
  void check_source(const std::string& name, complaints& found) const;
  void check_target(const std::string& name, complaints& found) const;
  std::shared_ptr<plan> make() const;
  void connect(plan& made) const;
};

builder::builder() : parts_(std::make_unique<parts>()) {}
builder::builder(builder&&) noexcept = default;
builder& builder::operator=(builder&&) noexcept = default;
builder::~builder() = default;

builder& builder::describe(std::string text) {
  parts_->description = std::move(text);
  return *this;
}

builder& builder::channel(std::string name, channel_spec what) {
  auto known = std::any_of(parts_->channels.begin(), parts_->channels.end(),
                           [&](const auto& c) { return c.name == name; });
  if (name.empty() || name.starts_with("__")
      || name.find(':') != std::string::npos)
    parts_->wrong.add("'" + name + "' cannot be the name of a channel");
  else if (known)
    parts_->wrong.add("Channel '" + name + "' already exists");
  else if (!what.initial.empty() && json_problem(what.initial.view()))
    parts_->wrong.add("The initial value of '" + name + "' is no JSON");
  else
    parts_->channels.push_back(
      {std::move(name), plan_channel::kind::state, std::move(what), {}});
  return *this;
}

builder& builder::function(std::string name, node_function body) {
  plan_node node;
  node.name = std::move(name);
  node.function = std::move(body);
  parts_->add_node(std::move(node));
  return *this;
}

builder& builder::coroutine(std::string name, node_coroutine body) {
  plan_node node;
  node.name = std::move(name);
  node.coroutine = std::move(body);
  parts_->add_node(std::move(node));
  return *this;
}

builder& builder::destinations(const std::string& node,
                               std::vector<std::string> to) {
  if (auto* found = parts_->find(node))
    found->destinations = std::move(to);
  else
    parts_->wrong.add("Destinations of unknown node '" + node + "'");
  return *this;
}

builder& builder::edge(std::string_view from, std::string_view to) {
  if (from == end)
    parts_->wrong.add("END cannot be a start node");
  else if (to == start)
    parts_->wrong.add("START cannot be an end node");
  else
    parts_->edges.push_back({{std::string{from}}, std::string{to}});
  return *this;
}

builder& builder::join(std::vector<std::string> from, std::string_view to) {
  if (from.empty() || std::find(from.begin(), from.end(), end) != from.end())
    parts_->wrong.add("END cannot be a start node");
  else
    parts_->edges.push_back({std::move(from), std::string{to}});
  return *this;
}

builder& builder::branch(std::string_view from, router route,
                         std::vector<std::string> targets) {
  parts_->branches.push_back(
    {std::string{from}, {std::move(route), std::move(targets)}});
  return *this;
}

builder& builder::branch(std::string_view from,
                         std::function<std::string(json_text state)> route,
                         std::vector<std::string> targets) {
  return branch(from, router{[route = std::move(route)](json_text state) {
                  return std::vector<target>{route(std::move(state))};
                }},
                std::move(targets));
}

builder& builder::interrupt_before(std::vector<std::string> nodes) {
  parts_->before = std::move(nodes);
  return *this;
}

builder& builder::interrupt_after(std::vector<std::string> nodes) {
  parts_->after = std::move(nodes);
  return *this;
}

builder& builder::config_schema(json_text schema) {
  parts_->config_schema = std::move(schema);
  return *this;
}

builder& builder::context_schema(json_text schema) {
  parts_->context_schema = std::move(schema);
  return *this;
}

void builder::parts::check_source(const std::string& name,
                                  complaints& found) const {
  if (!const_cast<parts*>(this)->find(name))
    found.add("Found edge starting at unknown node '" + name + "'");
}

void builder::parts::check_target(const std::string& name,
                                  complaints& found) const {
  if (name != end && (name == start || !const_cast<parts*>(this)->find(name)))
    found.add("Found edge ending at unknown node `" + name + "`");
}

void builder::parts::check(complaints& found) const {
  bool entered = false;
  for (const auto& edge : edges) {
    for (const auto& from : edge.from) {
      check_source(from, found);
      entered = entered || from == start;
    }
    check_target(edge.to, found);
  }
  for (const auto& branch : branches) {
    check_source(branch.from, found);
    entered = entered || branch.from == start;
    for (const auto& target : branch.what.targets)
      check_target(target, found);
  }
  for (const auto& node : nodes)
    for (const auto& target : node.destinations)
      check_target(target, found);
  if (!entered)
    found.add("Graph must have an entrypoint: add at least one edge from "
              "START to another node");
  for (const auto* list : {&before, &after})
    for (const auto& name : *list)
      if (name != "*" && !const_cast<parts*>(this)->find(name))
        found.add("Interrupt node `" + name + "` not found");
}

std::shared_ptr<plan> builder::parts::make() const {
  auto made = std::make_shared<plan>();
  made->description = description;
  made->channels = channels;
  made->nodes = nodes;
  made->state_size = channels.size();
  made->interrupt_before = before;
  made->interrupt_after = after;
  made->config_schema = config_schema;
  made->context_schema = context_schema;
  using kind = plan_channel::kind;
  auto add = [&](std::string name, kind type,
                 std::vector<std::string> members = {}) {
    made->channels.push_back({std::move(name), type, {}, std::move(members)});
    return made->channels.size() - 1;
  };
  made->start_channel = add(std::string{start}, kind::start);
  made->tasks_channel = add("__pregel_tasks", kind::tasks);
  made->nodes[plan::start_node].triggers = {made->start_channel};
  for (std::size_t i = 1; i < made->nodes.size(); ++i)
    made->nodes[i].triggers
      = {add("branch:to:" + made->nodes[i].name, kind::branch)};
  for (std::size_t i = 0; i < made->channels.size(); ++i)
    made->channel_names.emplace(made->channels[i].name, i);
  for (std::size_t i = 0; i < made->nodes.size(); ++i)
    made->node_names.emplace(made->nodes[i].name, i);
  for (const auto& [name, at] : made->node_names)
    made->by_name.push_back(at);
  connect(*made);
  return made;
}

void builder::parts::connect(plan& made) const {
  for (const auto& edge : edges) {
    if (edge.from.size() == 1) {
      auto& node = made.nodes[*made.node(edge.from.front())];
      node.edges.push_back(edge.to);
      if (edge.to != end)
        node.writes.push_back(*made.branch_to(edge.to));
      continue;
    }
    std::string joined;
    for (const auto& from : edge.from)
      joined += (joined.empty() ? "" : "+") + from;
    auto name = "join:" + joined + ":" + edge.to;
    for (const auto& from : edge.from)
      made.nodes[*made.node(from)].edges.push_back(edge.to);
    if (edge.to == end || made.channel_names.contains(name))
      continue;
    auto at = made.channels.size();
    made.channels.push_back({name, plan_channel::kind::join, {}, edge.from});
    made.channel_names.emplace(name, at);
    made.nodes[*made.node(edge.to)].triggers.push_back(at);
    for (const auto& from : edge.from)
      made.nodes[*made.node(from)].writes.push_back(at);
  }
  for (const auto& branch : branches)
    made.nodes[*made.node(branch.from)].branches.push_back(branch.what);
  for (auto& node : made.nodes)
    std::sort(node.triggers.begin(), node.triggers.end(),
              [&](std::size_t a, std::size_t b) {
                return made.channels[a].name < made.channels[b].name;
              });
}

result<compiled> builder::compile() const {
  auto found = parts_->wrong;
  parts_->check(found);
  if (!found.empty())
    return error{errc::invalid_argument, found.text()};
  return compiled{parts_->make()};
}

std::optional<std::size_t> plan::channel(std::string_view name) const {
  auto found = channel_names.find(name);
  if (found == channel_names.end())
    return std::nullopt;
  return found->second;
}

std::optional<std::size_t> plan::node(std::string_view name) const {
  auto found = node_names.find(name);
  if (found == node_names.end())
    return std::nullopt;
  return found->second;
}

std::optional<std::size_t> plan::branch_to(std::string_view node) const {
  return channel("branch:to:" + std::string{node});
}

} // namespace heddle::graph
