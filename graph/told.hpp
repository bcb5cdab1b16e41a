#pragma once

#include "graph/outcome.hpp"

#include <exception>
#include <string>

namespace heddle::graph {

/// An exception of a node as the API shows it: see `node_error`.
told_error told(const std::exception_ptr& why);

/// As states show a task's error: `name('text')`.
std::string repr(const told_error& error);

} // namespace heddle::graph
