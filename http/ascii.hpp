#pragma once

#include <algorithm>
#include <string_view>

namespace heddle::http {

constexpr char ascii_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Whether two texts differ at most in the case of ASCII letters. In place of
/// Beast's, which reads one byte beyond its arguments.
constexpr bool iequals(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size()
         && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
              return ascii_lower(x) == ascii_lower(y);
            });
}

} // namespace heddle::http
