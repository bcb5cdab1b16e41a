#pragma once

#include "heddle/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace heddle::app {

/// Keys shorter than this can be guessed.
inline constexpr std::size_t key_length_min = 22;

/// One key a line; blank lines and `#` comments are skipped.
/// - `errc::invalid_argument`: there is none, or one is too short or holds
///   bytes that no header can carry. The text names the line, not the key.
result<std::vector<std::string>> parse_api_keys(std::string_view text);

/// The same from a file. `errc::not_found`: it cannot be read;
/// `errc::invalid_argument`: others than its owner may write it.
result<std::vector<std::string>> read_api_keys(const std::string& file);

} // namespace heddle::app
