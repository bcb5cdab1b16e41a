#include "app/option_table.hpp"
#include "app/units.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace heddle::app {

namespace {

using variables_map = std::map<std::string, std::string>;

constexpr std::string_view own = "HEDDLE_";
constexpr std::string_view for_tests = "HEDDLE_TEST_";

/// Variables of the reference that open the server or change what it stores if
/// they are ignored. Set to a value but this one, they are refused.
constexpr std::pair<std::string_view, std::string_view> refused[] = {
  {"LANGGRAPH_AUTH", ""},         {"LANGGRAPH_AUTH_TYPE", "noop"},
  {"LANGGRAPH_ENCRYPTION", ""},   {"LANGGRAPH_AES_KEY", ""},
  {"LANGGRAPH_HTTP", ""},         {"LANGGRAPH_STORE", ""},
  {"LANGGRAPH_CHECKPOINTER", ""}, {"LANGGRAPH_WEBHOOKS", ""},
  {"LANGGRAPH_THREAD_TTL", ""},   {"CORS_CONFIG", ""},
  {"MOUNT_PREFIX", ""},
};

std::optional<error> unknown_variable(const variables_map& variables) {
  std::vector<std::string> names;
  for (const auto& each : option_table())
    names.push_back(variable_of(each));
  std::vector<std::string_view> views{names.begin(), names.end()};
  for (const auto& [name, value] : variables)
    if (name.starts_with(own) && !name.starts_with(for_tests)
        && std::ranges::find(names, name) == names.end())
      return error{errc::invalid_argument,
                   "unknown variable " + name + "." + hint(name, views)};
  return std::nullopt;
}

std::optional<error> ignored_variable(const variables_map& variables) {
  for (auto [name, harmless] : refused)
    if (auto found = variables.find(std::string{name});
        found != variables.end() && !found->second.empty()
        && found->second != harmless)
      return error{errc::invalid_argument,
                   "the variable " + found->first
                     + " is set, and Heddle cannot do what it asks for yet"};
  return std::nullopt;
}

/// LOG_JSON is a switch there and one of two formats here.
void read_log_json(const variables_map& variables, given_options& into) {
  auto found = variables.find("LOG_JSON");
  if (found == variables.end())
    return;
  auto wanted = parse_bool(found->second);
  auto format = std::ranges::find(option_table(), "--log-format",
                                  [](const option& o) { return o.flag; });
  if (wanted.has_value())
    into.insert({&*format, {*wanted ? "json" : "text", found->first}});
}

} // namespace

result<given_options> read_variables(const variables_map& variables) {
  if (auto wrong = unknown_variable(variables))
    return *wrong;
  if (auto wrong = ignored_variable(variables))
    return *wrong;
  given_options found;
  for (const auto& each : option_table())
    for (const auto& name : {variable_of(each), std::string{each.alias}})
      if (auto it = variables.find(name); it != variables.end())
        found.insert({&each, {it->second, name}}); // The first one stays.
  read_log_json(variables, found);
  return found;
}

} // namespace heddle::app
