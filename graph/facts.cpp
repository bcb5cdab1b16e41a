#include "graph/facts.hpp"

#include "core/json_object.hpp"

#include <algorithm>
#include <array>

namespace heddle::graph {

namespace {

/// What checkpoints do not repeat: the row says it.
constexpr std::array<std::string_view, 4> excluded{
  "thread_id", "checkpoint_id", "checkpoint_ns", "checkpoint_map"};

std::string_view member(const core::object_slices& of, std::string_view name,
                        std::string_view fallback) {
  return of.find(name).value_or(fallback);
}

bool is_scalar(std::string_view value) {
  auto kind = core::kind_of(value);
  return kind != core::json_kind::object && kind != core::json_kind::array
         && kind != core::json_kind::null;
}

std::string members(const core::json_object& of) {
  auto text = of.str();
  return text.substr(1, text.size() - 2);
}

core::json_object metadata_of(const worker::start& order,
                              const core::object_slices& config) {
  core::json_object made;
  made.set("graph_id", json_quote(order.graph));
  made.set("assistant_id", json_quote(order.assistant.str()));
  made.merge(member(config, "metadata", "{}"));
  made.set("run_id", json_quote(order.run.str()));
  made.set("thread_id", json_quote(order.thread.str()));
  made.set("run_attempt", std::to_string(order.attempt));
  return made;
}

/// A checkpoint also says how its run was configured.
void add_configured(core::json_object& to, const core::object_slices& config) {
  for (const auto& [name, value] :
       core::members_of(member(config, "configurable", "")))
    if (!name.starts_with("__") && is_scalar(value) && !to.find(name))
      to.set(name, std::string{value});
  for (auto name : excluded)
    to.erase(name);
}

stream_modes read_modes(std::string_view given) {
  std::vector<std::string_view> names;
  if (core::kind_of(given) == core::json_kind::string)
    names = {given};
  else
    names = core::slice_array(given);
  stream_modes modes;
  for (auto name : names) {
    modes.values = modes.values || name == "\"values\"";
    modes.updates = modes.updates || name == "\"updates\"";
    modes.custom = modes.custom || name == "\"custom\"";
    modes.messages_tuple = modes.messages_tuple || name == "\"messages-tuple\"";
    modes.messages = modes.messages || name == "\"messages\"";
  }
  modes.messages = modes.messages || modes.messages_tuple;
  modes.values = modes.values || names.empty();
  return modes;
}

json_text kept(std::string_view text) {
  return text.empty() || text == "null" ? json_text{}
                                        : json_text{std::string{text}};
}

} // namespace

json_text run_facts::config_member(std::string_view of,
                                   std::string_view name) const {
  auto inner = core::members_of(core::member_of(config.view(), of));
  return kept(member(inner, name, ""));
}

std::shared_ptr<run_facts> make_facts(const compiled& graph,
                                      const worker::start& order,
                                      std::shared_ptr<randomness> chance) {
  auto kwargs = core::members_of(order.kwargs.view());
  auto made = std::make_shared<run_facts>();
  made->graph = graph.parts();
  made->chance = std::move(chance);
  made->thread = order.thread;
  made->run = order.run;
  made->config = kept(member(kwargs, "config", ""));
  made->context = kept(member(kwargs, "context", ""));
  auto config = core::members_of(made->config.view());
  auto metadata = metadata_of(order, config);
  made->metadata = members(metadata);
  add_configured(metadata, config);
  made->checkpoint_metadata = members(metadata);
  made->modes = read_modes(member(kwargs, "stream_mode", ""));
  made->temporary = order.temporary;
  if (made->modes.messages)
    made->stream = std::make_unique<message_stream>(made->modes.messages_tuple);
  return made;
}

} // namespace heddle::graph
