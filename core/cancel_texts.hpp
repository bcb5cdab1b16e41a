#pragma once

#include "heddle/error.hpp"
#include "heddle/ids.hpp"
#include "heddle/run.hpp"
#include "heddle/server.hpp"

#include <string>

// What a cancel is called: the run's `cancel_reason`, the message in
// `thread.error`, and the argument of the CancelledError in the node.

namespace heddle::core {

/// By the cancel routes, or by a client that went away.
std::string cancel_reason(const cancel_cause& cause, cancel_action action);

/// By a new run on the same thread.
std::string superseded_reason(const run_id& by, cancel_action action);

std::string assistant_deleted_reason();
std::string run_deleted_reason();
std::string thread_deleted_reason();

/// `No runs found to cancel.`
error no_runs_found();

/// What was found is over already.
error no_matching_runs();

} // namespace heddle::core
