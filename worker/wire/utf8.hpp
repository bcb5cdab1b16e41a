#pragma once

#include <cstddef>
#include <string_view>

namespace heddle::worker::wire {

/// How many bytes the first character of `text` has; 0 if it is not UTF-8
/// (overlong, a surrogate, beyond U+10FFFF, cut off) or `text` is empty.
std::size_t utf8_length(std::string_view text) noexcept;

bool is_utf8(std::string_view text) noexcept;

} // namespace heddle::worker::wire
