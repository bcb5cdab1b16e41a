#include "core/settings.hpp"

#include "core/json_object.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace heddle::core {

namespace {

constexpr std::array<std::string_view, 12> reserved_settings{
  "langgraph_auth_user",        "langgraph_auth_user_id",
  "langgraph_auth_permissions", "langgraph_request_id",
  "__langsmith_project__",      "__langsmith_example_id__",
  "__request_start_time_ms__",  "__after_seconds__",
  "__otel_traceparent__",       "__otel_tracestate__",
  "__dd_trace_headers__",       "__pregel_node_finished",
};

constexpr std::array<std::string_view, 4> reserved_metadata{
  "thread_id", "assistant_id", "run_id", "cron_id"};

/// The object without those members; itself if it has none of them.
json_text without(const json_text& object,
                  std::span<const std::string_view> names) {
  if (object.empty())
    return object;
  json_object rest{object.view()};
  bool found = std::any_of(names.begin(), names.end(), [&](auto name) {
    return rest.find(name).has_value();
  });
  if (!found)
    return object;
  for (auto name : names)
    rest.erase(name);
  return json_text{rest.str()};
}

bool says_nothing(std::string_view object) {
  auto members = slice_object(object);
  return !members || members->empty();
}

} // namespace

json_text read_config(object_reader& from, const place& where) {
  auto config = from.object("config");
  if (config.empty())
    return {};
  auto part = from.part("config", where);
  part->strings("tags");
  part->integer("recursion_limit", {});
  auto configurable = part->object("configurable");
  auto metadata = part->any("metadata");
  from.take_problem(*part);
  auto own_configurable = without(configurable, reserved_settings);
  auto own_metadata = without(metadata, reserved_metadata);
  if (own_configurable == configurable && own_metadata == metadata)
    return config;
  json_object clean{config.view()};
  if (!configurable.empty())
    clean.set("configurable", own_configurable.str());
  if (!metadata.empty())
    clean.set("metadata", own_metadata.str());
  return json_text{clean.str()};
}

json_text read_context(object_reader& from) {
  return without(from.object("context"), reserved_settings);
}

json_text read_metadata(object_reader& from) {
  return without(from.object("metadata"), reserved_metadata);
}

std::string_view configurable_of(const json_text& config) {
  return member_of(config.view(), "configurable");
}

std::optional<error> check_settings(const json_text& config,
                                    const json_text& context) {
  if (says_nothing(configurable_of(config)) || says_nothing(context.view()))
    return std::nullopt;
  return error{
    errc::bad_request,
    "Cannot specify both configurable and context. Prefer setting context "
    "alone. Context was introduced in LangGraph 0.6.0 and is the long term "
    "planned replacement for configurable."};
}

settings mirror(settings given) {
  auto configurable = configurable_of(given.config);
  bool no_context = says_nothing(given.context.view());
  if (says_nothing(configurable) == no_context)
    return given;
  if (no_context) {
    given.context = json_text{std::string{configurable}};
    return given;
  }
  json_object config{given.config.view()};
  config.set("configurable", given.context.str());
  given.config = json_text{config.str()};
  return given;
}

} // namespace heddle::core
