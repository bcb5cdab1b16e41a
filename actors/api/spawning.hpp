#pragma once

#include "heddle/actors.hpp"

namespace heddle::actors {

/// An actor for a run. It ends with the run.
run_handle spawn_run_guest(server& srv, const thread_id& thread,
                           const run_id& run);

} // namespace heddle::actors
