#pragma once

#include "heddle/ids.hpp"
#include "heddle/json.hpp"
#include "heddle/run.hpp"
#include "heddle/time.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace heddle::inline v0 {

/// `busy` is derived: a run of the thread is in flight. The others are stored.
enum class thread_status : std::uint8_t { idle, busy, interrupted, error };

std::string_view to_string(thread_status s) noexcept;

/// @returns nothing if `text` names no status.
std::optional<thread_status>
parse_thread_status(std::string_view text) noexcept;

/// A thread (conversation) as the API shows it.
struct thread_record {
  thread_id id;
  timestamp created;
  timestamp updated;
  timestamp state_updated;
  json_text metadata; ///< An object.
  json_text config;   ///< An object.
  thread_status status = thread_status::idle;
  json_text values;     ///< Empty: no state yet (`null`).
  json_text interrupts; ///< Empty: key absent (no state yet).
  json_text error;      ///< Empty: key absent; `null` once there was a state.
};

/// The stored status of a thread once a run has left it: by how the run ended
/// and by whether its last checkpoint has nodes left to execute.
/// Source: the reference sets `error` for failures, else `interrupted` if and
/// only if something is next.
constexpr thread_status thread_status_after(run_status ended,
                                            bool has_next) noexcept {
  if (ended == run_status::error || ended == run_status::timeout)
    return thread_status::error;
  return has_next ? thread_status::interrupted : thread_status::idle;
}

} // namespace heddle::inline v0
