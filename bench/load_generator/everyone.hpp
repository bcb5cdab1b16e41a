#pragma once

#include "bench/load_generator/scenario.hpp"

#include <functional>

namespace heddle::load {

/// Has every client do something, all at once, and waits for all. What goes
/// wrong is counted with each; an `unsupported` is thrown in the end.
task<> everyone(crowd& all, std::function<task<>(client&, std::size_t)> act);

} // namespace heddle::load
