#pragma once

#include "store/rows.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string_view>
#include <system_error>

namespace heddle::actors {

/// The id of the event after `last`: rises also within one millisecond, and
/// when the wall clock jumps back.
inline event_id next_event_id(const event_id& last, timestamp now) noexcept {
  auto ms = to_micros(now) / 1000;
  return ms > last.ms ? event_id{ms, 0} : event_id{last.ms, last.seq + 1};
}

/// The number that `text` starts with; `none` without one. One that is too
/// large is after all that there can be.
inline std::int64_t leading_number(std::string_view text,
                                   std::int64_t none) noexcept {
  std::int64_t value = none;
  auto got = std::from_chars(text.data(), text.data() + text.size(), value);
  if (got.ec == std::errc::result_out_of_range && !text.starts_with('-'))
    return std::numeric_limits<std::int64_t>::max();
  return value;
}

/// Where a replay begins, from a client's `Last-Event-ID`: behind `ms-seq`, or
/// at the start for `-1` and whatever else is no id.
inline event_id replay_from(std::string_view last) noexcept {
  auto dash = last.find('-', 1);
  event_id from{leading_number(last.substr(0, dash), -1), 0};
  if (dash != std::string_view::npos)
    from.seq
      = std::max<std::int64_t>(-1, leading_number(last.substr(dash + 1), 0));
  return from;
}

/// What comes after the result comes at or after `id`.
inline event_id before(const event_id& id) noexcept {
  return {id.ms, id.seq - 1};
}

} // namespace heddle::actors
