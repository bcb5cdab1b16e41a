#pragma once

#include "worker/process_launcher.hpp"

#include <string>
#include <vector>

namespace heddle::worker {

/// The environment of a worker, as `NAME=value`, made of the server's own
/// (`inherited`, ended by a null) and the options. Never any `HEDDLE_*` but
/// what is the worker's.
std::vector<std::string> worker_environment(const char* const* inherited,
                                            const process_options& options);

} // namespace heddle::worker
