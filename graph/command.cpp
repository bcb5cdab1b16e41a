#include "graph/command.hpp"

#include "core/json_slice.hpp"

namespace heddle::graph {

namespace {

target read_target(std::string_view json) {
  if (core::kind_of(json) != core::json_kind::object)
    return core::kind_of(json) == core::json_kind::string ? core::unquote(json)
                                                          : std::string{};
  auto packet = core::slice_object(json);
  if (!packet)
    return std::string{};
  auto node = packet->find("node").value_or("\"\"");
  return send{core::kind_of(node) == core::json_kind::string
                ? core::unquote(node)
                : std::string{},
              json_text{std::string{packet->find("input").value_or("null")}}};
}

} // namespace

result<std::vector<write>> command_writes(const plan& of,
                                          std::string_view command) {
  auto members = core::slice_object(command);
  if (!members)
    return members.error();
  const auto& parts = *members;
  std::vector<write> writes;
  auto goes = parts.given("goto");
  auto targets = core::kind_of(goes) == core::json_kind::array
                   ? core::slice_array(goes)
                   : std::vector<std::string_view>{goes};
  for (auto each : targets) {
    if (each.empty() || each == "null")
      continue;
    auto made = target_write(of, read_target(each));
    if (!made)
      return made.error();
    if (*made)
      writes.push_back(std::move(**made));
  }
  auto update = parts.given("update");
  if (core::kind_of(update) != core::json_kind::array) {
    auto made = update_writes(of, json_text{std::string{update}});
    if (!made)
      return made.error();
    writes.insert(writes.end(), made->begin(), made->end());
    return writes;
  }
  for (auto each : core::slice_array(update)) { // Pairs of name and value.
    auto pair = core::slice_array(each);
    auto channel
      = pair.size() == 2 ? of.channel(core::unquote(pair[0])) : std::nullopt;
    if (channel && of.channels[*channel].shown())
      writes.push_back({*channel, json_text{std::string{pair[1]}}});
  }
  return writes;
}

} // namespace heddle::graph
