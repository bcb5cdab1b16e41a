#include "graph/values.hpp"

#include "core/json_slice.hpp"
#include "graph/messages.hpp"
#include "heddle/json_check.hpp"

#include <algorithm>

namespace heddle::graph {

namespace {

using kind = plan_channel::kind;

bool is_empty_list(const json_text& value) {
  return value.empty() || value.view() == "[]";
}

/// Adds to the set of a join, a list of names.
json_text joined(const json_text& set, const std::vector<json_text>& names) {
  auto known = core::slice_array(set.or_else("[]"));
  for (const auto& name : names)
    if (std::find(known.begin(), known.end(), name.view()) == known.end())
      known.push_back(name.view());
  std::string text = "[";
  for (auto each : known)
    (text += text.size() > 1 ? "," : "") += each;
  return json_text{text + "]"};
}

json_text listed(const std::vector<json_text>& items) {
  std::string text = "[";
  for (const auto& each : items)
    (text += text.size() > 1 ? "," : "") += each.view();
  return json_text{text + "]"};
}

/// A user's reducer may throw, and may give what is no JSON.
result<json_text> reduced_by(const reducer& reduce, const json_text& current,
                             const std::vector<json_text>& updates) {
  try {
    auto made = reduce(current, updates);
    if (made && !is_own(reduce))
      if (auto problem = json_problem(made->view()))
        return error{errc::invalid_argument,
                     "the reducer gave no JSON: " + *problem};
    return made;
  } catch (const std::exception& why) {
    return error{errc::invalid_argument, why.what()};
  } catch (...) {
    return error{errc::invalid_argument, "the reducer threw"};
  }
}

result<json_text> reduced(const plan_channel& channel, json_text current,
                          std::vector<json_text> updates, randomness& chance) {
  for (auto i = updates.size(); i > 0; --i)
    if (auto value = overwriting(updates[i - 1])) {
      current = *value;
      updates.erase(updates.begin(),
                    updates.begin() + static_cast<std::ptrdiff_t>(i));
      break;
    }
  if (updates.empty())
    return current;
  auto made = channel.spec.messages
                ? merge_messages(current, updates, chance)
                : reduced_by(channel.spec.reduce, current, updates);
  if (!made && made.error().code == errc::conflict)
    return error{errc::conflict,
                 "At key '" + channel.name + "': " + made.error().detail};
  return made;
}

result<json_text> updated(const plan_channel& channel, const json_text& current,
                          std::vector<json_text> updates, randomness& chance) {
  switch (channel.type) {
    case kind::state:
      return reduced(channel, current, std::move(updates), chance);
    case kind::join: return joined(current, updates);
    case kind::tasks: return listed(updates);
    default: return updates.back();
  }
}

/// A step under way.
class step {
public:
  step(const plan& of, channel_values& values, position& at, randomness& chance)
    : plan_(of), values_(values), at_(at),
      chance_(chance), next_{at.newest().number + 1, chance.bits()},
      updated_(of.channels.size(), false) {}

  void see(std::size_t node) {
    const auto& triggers = plan_.nodes[node].triggers;
    auto& seen = at_.seen[node];
    seen.resize(triggers.size());
    for (std::size_t i = 0; i < triggers.size(); ++i)
      if (at_.versions[triggers[i]].number > 0)
        seen[i] = at_.versions[triggers[i]];
  }

  void consume(std::size_t node) {
    for (auto channel : plan_.nodes[node].triggers)
      if (plan_.channels[channel].type == kind::join
          && available(plan_, values_, channel)) {
        values_.at[channel] = json_text{"[]"};
        at_.versions[channel] = next_;
      }
  }

  result<void> write(std::size_t channel, std::vector<json_text> updates) {
    auto value = updated(plan_.channels[channel], values_.at[channel],
                         std::move(updates), chance_);
    if (!value)
      return value.error();
    values_.at[channel] = std::move(*value);
    at_.versions[channel] = next_;
    updated_[channel] = available(plan_, values_, channel);
    return {};
  }

  /// What lasts for one step only is over.
  void pass() {
    for (std::size_t i = plan_.state_size; i < updated_.size(); ++i) {
      auto type = plan_.channels[i].type;
      if (updated_[i] || type == kind::join || is_empty_list(values_.at[i]))
        continue;
      values_.at[i] = {};
      at_.versions[i] = next_;
    }
  }

  std::vector<bool> finish() { return std::move(updated_); }

private:
  const plan& plan_;
  channel_values& values_;
  position& at_;
  randomness& chance_;
  version next_;
  std::vector<bool> updated_;
};

std::vector<std::pair<std::size_t, std::vector<json_text>>>
by_channel(const std::vector<contribution>& tasks) {
  std::vector<std::pair<std::size_t, std::vector<json_text>>> grouped;
  for (const auto& task : tasks)
    for (const auto& each : *task.writes) {
      if (each.channel >= write::special)
        continue;
      auto found
        = std::find_if(grouped.begin(), grouped.end(),
                       [&](const auto& g) { return g.first == each.channel; });
      if (found == grouped.end())
        found = grouped.insert(grouped.end(), {each.channel, {}});
      found->second.push_back(each.value);
    }
  return grouped;
}

} // namespace

version position::newest() const {
  version found;
  for (const auto& each : versions)
    found = std::max(found, each);
  return found;
}

channel_values initial_values(const plan& of) {
  channel_values values;
  for (const auto& channel : of.channels)
    values.at.push_back(channel.spec.initial);
  return values;
}

position initial_position(const plan& of) {
  position at;
  at.versions.resize(of.channels.size());
  at.seen.resize(of.nodes.size());
  return at;
}

bool available(const plan& of, const channel_values& values,
               std::size_t channel) {
  const auto& value = values.at[channel];
  switch (of.channels[channel].type) {
    case kind::join:
      return core::slice_array(value.or_else("[]")).size()
             >= of.channels[channel].members.size();
    case kind::tasks: return !is_empty_list(value);
    default: return !value.empty();
  }
}

bool triggered(const plan& of, const channel_values& values, const position& at,
               std::size_t node) {
  const auto& triggers = of.nodes[node].triggers;
  const auto& seen = at.seen[node];
  for (std::size_t i = 0; i < triggers.size(); ++i)
    if (available(of, values, triggers[i])
        && (seen.empty() || at.versions[triggers[i]] > seen[i]))
      return true;
  return false;
}

result<std::vector<bool>> apply(const plan& of, channel_values& values,
                                position& at,
                                const std::vector<contribution>& tasks,
                                randomness& chance) {
  step next{of, values, at, chance};
  auto stepped = [](const contribution& task) { return task.node.has_value(); };
  for (const auto& task : tasks)
    if (task.node) {
      if (task.triggered)
        next.see(*task.node);
      else
        at.seen[*task.node].resize(of.nodes[*task.node].triggers.size());
    }
  for (const auto& task : tasks)
    if (task.node && task.triggered)
      next.consume(*task.node);
  for (auto& [channel, updates] : by_channel(tasks))
    if (auto done = next.write(channel, std::move(updates)); !done)
      return done.error();
  if (std::any_of(tasks.begin(), tasks.end(), stepped))
    next.pass();
  return next.finish();
}

json_text state_json(const plan& of, const channel_values& values) {
  std::string text = "{";
  for (std::size_t i = 0; i < of.state_size; ++i) {
    if (values.at[i].empty())
      continue;
    text += text.size() > 1 ? "," : "";
    text += json_quote(of.channels[i].name);
    text += ':';
    text += values.at[i].view();
  }
  return json_text{text + "}"};
}

result<json_text> state_after(const plan& of, const channel_values& values,
                              const json_text& update, randomness& chance) {
  auto writes = update_writes(of, update);
  if (!writes)
    return writes.error();
  auto fresh = values;
  for (const auto& each : *writes) {
    auto value = reduced(of.channels[each.channel], fresh.at[each.channel],
                         {each.value}, chance);
    if (!value)
      return value.error();
    fresh.at[each.channel] = std::move(*value);
  }
  return state_json(of, fresh);
}

result<std::vector<write>> update_writes(const plan& of,
                                         const json_text& update) {
  std::vector<write> writes;
  auto text = core::trim(update.view());
  if (text.empty() || text == "null")
    return writes;
  auto members = core::slice_object(text);
  if (!members)
    return error{errc::invalid_argument,
                 "Expected dict, got " + std::string{text.substr(0, 200)}
                   + "\nFor troubleshooting, visit: https://docs.langchain.com/"
                     "oss/python/langgraph/errors/"
                     "INVALID_GRAPH_NODE_RETURN_VALUE"};
  for (const auto& [name, value] : *members) {
    auto channel = of.channel(name);
    if (channel && of.channels[*channel].shown())
      writes.push_back({*channel, json_text{std::string{value}}});
  }
  return writes;
}

result<std::optional<write>> target_write(const plan& of, const target& to) {
  if (const auto* packet = std::get_if<send>(&to)) {
    auto node = of.node(packet->node);
    if (!node || *node == plan::start_node)
      return error{errc::invalid_argument,
                   "Cannot send to unknown node '" + packet->node + "'"};
    std::string text = "{\"node\":" + json_quote(packet->node) + ",\"input\":";
    text += packet->input.or_else("null");
    return std::optional{write{of.tasks_channel, json_text{text + "}"}}};
  }
  const auto& name = std::get<std::string>(to);
  if (name == end)
    return std::optional<write>{};
  auto channel = of.branch_to(name);
  if (!channel)
    return error{errc::invalid_argument,
                 "Cannot go to unknown node '" + name + "'"};
  return std::optional{write{*channel, json_text{"null"}}};
}

std::vector<write> edge_writes(const plan& of, std::size_t node) {
  std::vector<write> writes;
  const auto& from = of.nodes[node];
  for (auto channel : from.writes)
    writes.push_back({channel, of.channels[channel].type == kind::join
                                 ? json_text{json_quote(from.name)}
                                 : json_text{"null"}});
  return writes;
}

} // namespace heddle::graph
