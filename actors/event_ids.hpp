#pragma once

#include "store/rows.hpp"

namespace heddle::actors {

/// The id of the event after `last`: rises also within one millisecond, and
/// when the wall clock jumps back.
inline event_id next_event_id(const event_id& last, timestamp now) noexcept {
  auto ms = to_micros(now) / 1000;
  return ms > last.ms ? event_id{ms, 0} : event_id{last.ms, last.seq + 1};
}

} // namespace heddle::actors
