#pragma once

#include "app/plan.hpp"
#include "heddle/error.hpp"
#include "worker/launcher_process.hpp"

namespace heddle::app {

/// Serves until a signal ends it, then stops in order; a second signal cuts the
/// grace short. Starts OS threads, and has ended them when it returns. To be
/// called once, on the main thread, when there is no other.
/// - any error: it could not be started; one line that says why.
result<void> serve(const serve_plan& plan, worker::launcher_handle launcher);

} // namespace heddle::app
