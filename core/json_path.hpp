#pragma once

#include "heddle/error.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace heddle::core {

/// A path into JSON, such as `values.messages[-1].content`.
using json_path = std::vector<std::variant<std::string, std::int64_t>>;

/// @returns `errc::invalid_argument` if `text` is no path.
result<json_path> parse_path(std::string_view text);

/// What is at the path below `json`; steps before `from` are skipped.
/// @returns a slice, or nothing if there is no such place.
std::string_view find_path(std::string_view json, const json_path& path,
                           std::size_t from = 0);

} // namespace heddle::core
