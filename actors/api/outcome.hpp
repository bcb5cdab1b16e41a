#pragma once

#include "heddle/run.hpp"

#include <caf/error.hpp>

namespace heddle::actors {

/// What `run_outcome` reads.
caf::error outcome_reason(run_status how);

} // namespace heddle::actors
