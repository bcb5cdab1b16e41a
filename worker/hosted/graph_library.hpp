#pragma once

#include "heddle/error.hpp"
#include "heddle/graph.hpp"

#include <map>
#include <string>
#include <vector>

namespace heddle::worker::hosted {

/// What a shared library of graphs gave.
struct loaded_library {
  std::map<std::string, graph::compiled> graphs;
  std::map<std::string, std::string> broken; ///< By id: why.

  /// The ids of both, sorted.
  std::vector<std::string> ids() const;
};

/// Loads a library and never unloads it. Runs its code: only where a crash of
/// it may happen.
/// - `errc::not_found`: no such file, or none that can be loaded.
/// - `errc::invalid_argument`: it is no library of graphs, it was built for
///   another version, or its `heddle_graphs` threw.
result<loaded_library> load_library(const std::string& file);

} // namespace heddle::worker::hosted
