#include "core/json_path.hpp"

#include "core/json_slice.hpp"

#include <charconv>

namespace heddle::core {

namespace {

error bad_path(std::string_view text) {
  return {errc::invalid_argument, "Invalid extract path: '" + std::string{text}
                                    + "'. Expected a form such as "
                                      "'values.messages[-1].content'."};
}

/// Takes `[n]` off the front.
std::optional<std::int64_t> take_index(std::string_view& rest) {
  auto end = rest.find(']');
  if (end == std::string_view::npos)
    return std::nullopt;
  auto digits = rest.substr(1, end - 1);
  std::int64_t index = 0;
  auto got
    = std::from_chars(digits.data(), digits.data() + digits.size(), index);
  if (got.ec != std::errc{} || got.ptr != digits.data() + digits.size())
    return std::nullopt;
  rest.remove_prefix(end + 1);
  return index;
}

std::string_view element(std::string_view array, std::int64_t index) {
  auto elements = slice_array(array);
  auto size = static_cast<std::int64_t>(elements.size());
  auto at = index < 0 ? size + index : index;
  if (at < 0 || at >= size)
    return {};
  return elements[static_cast<std::size_t>(at)];
}

} // namespace

result<json_path> parse_path(std::string_view text) {
  json_path path;
  auto rest = text;
  while (!rest.empty() || path.empty()) {
    if (rest.starts_with('[') && !path.empty()) {
      auto index = take_index(rest);
      if (!index)
        return bad_path(text);
      path.emplace_back(*index);
      continue;
    }
    if (!path.empty() && !rest.starts_with('.'))
      return bad_path(text);
    rest.remove_prefix(path.empty() ? 0 : 1);
    auto name = rest.substr(0, rest.find_first_of(".[]"));
    if (name.empty())
      return bad_path(text);
    path.emplace_back(std::string{name});
    rest.remove_prefix(name.size());
  }
  return path;
}

std::string_view find_path(std::string_view json, const json_path& path,
                           std::size_t from) {
  auto found = json;
  for (auto i = from; i < path.size() && !found.empty(); ++i) {
    if (const auto* name = std::get_if<std::string>(&path[i])) {
      found = member_of(found, *name);
    } else {
      found = element(found, std::get<std::int64_t>(path[i]));
    }
  }
  return found;
}

} // namespace heddle::core
