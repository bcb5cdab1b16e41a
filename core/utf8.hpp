#pragma once

#include <cstddef>
#include <string_view>

namespace heddle::core {

/// How many bytes the UTF-8 character at the start of `text` has; 0 if the
/// bytes there are none (RFC 3629: no overlong forms, no surrogates).
std::size_t utf8_size(std::string_view text) noexcept;

} // namespace heddle::core
