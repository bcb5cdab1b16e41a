#pragma once

#include "heddle/error.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::app {

/// What a langgraph.json says that concerns the server. The workers read the
/// file themselves.
struct project {
  std::filesystem::path file;      ///< Absolute.
  std::vector<std::string> graphs; ///< Their ids, in the order of the file.
  std::map<std::string, std::string> env;
  /// `http.cors.allow_origins`; replaces the default.
  std::optional<std::vector<std::string>> cors_origins;
  std::optional<bool> webhook_https;

  std::filesystem::path folder() const { return file.parent_path(); }
};

/// Reads and checks the file. Whatever it names that Heddle has not built is
/// refused by name: an ignored `auth` would be an open server.
/// - `errc::not_found`: there is no such file, or it cannot be read.
/// - `errc::invalid_argument`: anything else. One line that names the key.
result<project> read_project(const std::filesystem::path& file);

/// The same for a text; `file` must be absolute.
result<project> parse_project(std::string_view text,
                              const std::filesystem::path& file);

} // namespace heddle::app
