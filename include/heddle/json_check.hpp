#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace heddle::inline v0 {

/// Says what keeps `text` from being JSON that we accept: RFC 8259 in valid
/// UTF-8 without lone surrogates, nested at most `depth_max` deep, every number
/// within the range of a double, integers too: no reader of it fails on one
/// that is larger. Any thread; about 1 µs
/// per KB.
/// @returns nothing if there is nothing wrong.
std::optional<std::string> json_problem(std::string_view text,
                                        std::size_t depth_max = 256);

} // namespace heddle::inline v0
