#pragma once

#include "heddle/open.hpp"
#include "worker/launcher_process.hpp"

namespace heddle {

/// What is behind the public face.
struct worker_host::impl {
  worker::launcher_handle handle;
};

} // namespace heddle
