#pragma once

#include "worker/worker.hpp"

#include <string>

namespace heddle::worker::wire {

/// A worker's frame, with its length before it: what `decode` reads. `gone` has
/// none and gives an empty text: the end of the socket says it.
std::string encode_report(run_no run, const report& what);

} // namespace heddle::worker::wire
