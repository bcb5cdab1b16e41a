#pragma once

#include "heddle/error.hpp"
#include "heddle/ids.hpp"

namespace heddle::core {

/// There is no such thread, or no more.
inline error thread_not_found(const thread_id& id) {
  return {errc::not_found, "Thread with ID " + id.str() + " not found"};
}

} // namespace heddle::core
