#pragma once

#include "app/graph_library.hpp"
#include "app/option_table.hpp"
#include "app/project.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace heddle::app {

/// All that `heddle serve` has decided before it starts anything.
struct serve_plan {
  settings chosen;
  project what;
  std::filesystem::path data; ///< Absolute.
  std::string python;         ///< Empty: no graph needs it.
  std::vector<graph_library> libraries;
  std::vector<std::string> api_keys; ///< Empty: open to all.
};

/// Puts together the command line, the variables and the project: in this order
/// of precedence; the project's own `env` comes last. Reads files, starts
/// nothing.
/// - `errc::forbidden`: a host that is not loopback, without keys.
/// - `errc::not_found`, `errc::invalid_argument`: one line that says what is
///   missing or wrong.
result<serve_plan> make_plan(const given_options& command_line,
                             const std::map<std::string, std::string>& env);

/// Whether only this machine can reach that host.
bool is_loopback(const std::string& host);

} // namespace heddle::app
