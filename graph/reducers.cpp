#include "core/json_slice.hpp"
#include "graph/messages.hpp"
#include "graph/values.hpp"
#include "heddle/graph.hpp"

namespace heddle::graph {

namespace {

constexpr std::string_view help
  = "\nFor troubleshooting, visit: https://docs.langchain.com/oss/python/"
    "langgraph/errors/INVALID_CONCURRENT_GRAPH_UPDATE";

result<json_text> newest(const json_text&,
                         const std::vector<json_text>& updates) {
  if (updates.size() > 1)
    return error{errc::conflict,
                 "Can receive only one value per step. Use a channel with a "
                 "reducer to handle multiple values."
                   + std::string{help}};
  return updates.back();
}

/// The inside of a JSON array, without its brackets.
std::string_view inside(std::string_view list) {
  list = core::trim(list);
  return core::trim(list.substr(1, list.size() - 2));
}

json_text array_schema(const json_text& items) {
  std::string text = "{\"items\":";
  text += items.or_else("{}");
  return json_text{text + ",\"type\":\"array\"}"};
}

result<json_text> appended(const json_text& current,
                           const std::vector<json_text>& updates) {
  std::string text = "[";
  text += inside(current.or_else("[]"));
  for (const auto& update : updates) {
    auto list = core::trim(update.view());
    if (core::kind_of(list) != core::json_kind::array)
      return error{errc::invalid_argument,
                   "can only concatenate list to list, got "
                     + std::string{list.substr(0, 100)}};
    auto more = inside(list);
    if (!more.empty())
      (text += text.size() > 1 ? "," : "") += more;
  }
  return json_text{text + "]"};
}

} // namespace

std::optional<json_text> overwriting(const json_text& update) {
  auto text = core::trim(update.view());
  if (!text.starts_with("{") || text.find("__overwrite__") == text.npos)
    return std::nullopt;
  auto members = core::slice_object(text);
  if (!members || members->size() != 1)
    return std::nullopt;
  if (auto value = members->find("__overwrite__"))
    return json_text{std::string{*value}};
  return std::nullopt;
}

bool is_own(const reducer& reduce) {
  using plain
    = result<json_text> (*)(const json_text&, const std::vector<json_text>&);
  const auto* found = reduce.target<plain>();
  return found && (*found == newest || *found == appended);
}

channel_spec last_value(json_text schema) {
  return {newest, {}, std::move(schema), false};
}

channel_spec append(json_text item_schema) {
  return {appended, json_text{"[]"}, array_schema(item_schema), false};
}

channel_spec messages() {
  static const auto chance = system_randomness();
  return {[](const json_text& current, const std::vector<json_text>& updates) {
            return merge_messages(current, updates, *chance);
          },
          json_text{"[]"}, array_schema(json_text{"{\"type\":\"object\"}"}),
          true};
}

channel_spec
combined(std::function<json_text(const json_text&, const json_text&)> combine,
         json_text initial, json_text schema) {
  auto reduce = [combine = std::move(combine)](
                  const json_text& current,
                  const std::vector<json_text>& updates) -> result<json_text> {
    auto value = current;
    for (const auto& update : updates)
      value = value.empty() ? update : combine(value, update);
    return value;
  };
  return {std::move(reduce), std::move(initial), std::move(schema), false};
}

} // namespace heddle::graph
