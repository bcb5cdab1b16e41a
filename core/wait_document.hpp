#pragma once

#include "heddle/json.hpp"
#include "heddle/stream.hpp"
#include "heddle/thread.hpp"

#include <string>
#include <vector>

// The one document that `wait` and `join` answer with.

namespace heddle::core {

/// What a waiter has seen of a run so far.
struct wait_seen {
  json_text values;                  ///< The last state.
  json_text error;                   ///< The last error, if no state followed.
  bool failed = false;               ///< There was an error.
  std::vector<json_text> interrupts; ///< Each once, in order.
  json_text feedback;                ///< An object.
};

/// Takes over what an event says to a waiter.
void observe(wait_seen& seen, const stream_event& event);

/// By weight: the last error, if no state followed; the last state with all
/// interrupts; the last state; what the thread shows, unless there was an
/// error; `{}`. A cancel is no error: it leaves no event.
/// @param thread what to fall back to; null: nothing.
json_text wait_document(const wait_seen& seen, const thread_record* thread);

/// What a late join of a run that is gone gets.
json_text run_not_found_document();

} // namespace heddle::core
