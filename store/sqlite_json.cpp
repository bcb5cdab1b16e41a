#include "store/sqlite_json.hpp"

#include "core/json_slice.hpp"

#include <algorithm>

namespace heddle::sqlite {

namespace {

using nlohmann::json;

std::uint64_t mix(std::uint64_t hash, std::string_view text) {
  for (auto c : text)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return (hash ^ 0xFF) * 0x100000001B3ULL; // Ends the part.
}

/// Equal numbers have equal texts: 1, 1.0 and 1e0.
std::string scalar_text(const json& value) {
  if (value.is_number_float()) {
    auto number = value.get<double>();
    if (number >= -9e15 && number <= 9e15
        && number == static_cast<double>(static_cast<std::int64_t>(number)))
      return std::to_string(static_cast<std::int64_t>(number));
  }
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

void collect(const json& value, std::uint64_t path,
             std::vector<std::int64_t>& out) {
  if (value.is_object()) {
    for (const auto& [key, member] : value.items())
      collect(member, mix(mix(path, "."), key), out);
  } else if (value.is_array()) {
    for (const auto& element : value)
      collect(element, mix(path, "[]"), out);
  } else {
    out.push_back(
      static_cast<std::int64_t>(mix(mix(path, "="), scalar_text(value))));
  }
}

} // namespace

json parse(std::string_view text) {
  auto value = json::parse(text, nullptr, false);
  return value.is_discarded() ? json{} : value;
}

bool contains(const json& have, const json& want) {
  if (want.is_object()) {
    return have.is_object()
           && std::all_of(
             want.items().begin(), want.items().end(), [&](const auto& member) {
               auto at = have.find(member.key());
               return at != have.end() && contains(*at, member.value());
             });
  }
  if (want.is_array()) {
    return have.is_array()
           && std::all_of(want.begin(), want.end(), [&](const json& element) {
                return std::any_of(have.begin(), have.end(),
                                   [&](const json& candidate) {
                                     return contains(candidate, element);
                                   });
              });
  }
  return have == want;
}

std::vector<std::int64_t> leaves(const json& document) {
  std::vector<std::int64_t> out;
  if (!document.is_object())
    return out;
  collect(document, 0xCBF29CE484222325ULL, out);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::vector<std::string> to_strings(std::string_view array) {
  std::vector<std::string> out;
  for (auto element : core::slice_array(array))
    out.push_back(core::unquote(element));
  return out;
}

std::string interrupts_of(std::string_view tasks) {
  std::string out = "{";
  for (auto element : core::slice_array(tasks)) {
    auto task = core::slice_object(element);
    if (task.has_error())
      continue;
    auto id = task->find("id");
    auto waiting = core::slice_array(task->find("interrupts").value_or("[]"));
    if (!id || waiting.empty())
      continue;
    std::string list;
    for (auto interrupt : waiting) {
      auto parts = core::slice_object(interrupt);
      if (parts.has_error())
        continue;
      list += list.empty() ? "{\"id\":" : ",{\"id\":";
      list += parts->find("id").value_or("null");
      list += ",\"value\":";
      list += parts->find("value").value_or("null");
      list += '}';
    }
    out += out.size() > 1 ? "," : "";
    out.append(*id).append(":[").append(list).append("]");
  }
  return out + "}";
}

} // namespace heddle::sqlite
