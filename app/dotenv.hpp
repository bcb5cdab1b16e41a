#pragma once

#include "heddle/error.hpp"

#include <map>
#include <string>
#include <string_view>

namespace heddle::app {

/// Reads lines of `KEY=value`: blank lines, `#` comments, `export `, and single
/// or double quotes (in the latter `\n`, `\t`, `\"`, `\\`) as the dotenv files
/// of the reference have them. A later line wins.
/// - `errc::invalid_argument`: names the line.
result<std::map<std::string, std::string>> parse_dotenv(std::string_view text);

} // namespace heddle::app
