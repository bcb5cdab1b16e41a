#pragma once

#include "app/plan.hpp"
#include "heddle/error.hpp"
#include "worker/launcher_process.hpp"

#include <cstddef>
#include <vector>

namespace heddle::app {

/// How many launcher processes `serve` needs.
std::size_t launchers_of(const serve_plan& plan);

/// Serves until a signal ends it, then stops in order; a second signal cuts the
/// grace short. Starts OS threads, and has ended them when it returns. To be
/// called once, on the main thread, when there is no other.
/// - any error: it could not be started; one line that says why.
result<void> serve(const serve_plan& plan,
                   std::vector<worker::launcher_handle> forked);

} // namespace heddle::app
