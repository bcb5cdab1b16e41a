#pragma once

#include "heddle/error.hpp"

#include <string>
#include <vector>

namespace heddle::app {

/// A shared library with C++ graphs (include/heddle/graph_library.hpp).
struct graph_library {
  std::string file; ///< Absolute.
  std::vector<std::string> graphs;
};

/// This program as the worker of a library.
std::vector<std::string> graph_worker_command(const std::string& library);

/// Asks a library which graphs it has, in a process of its own: a library that
/// crashes while it is loaded takes no server with it. Blocks for as long as
/// the loading takes.
/// - `errc::not_found`, `errc::invalid_argument`: one line that says why it
///   cannot be served.
result<graph_library> ask_library(const std::string& file);

} // namespace heddle::app
