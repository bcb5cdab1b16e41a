#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace heddle::inline v0 {

/// Wall time in microseconds, as the store keeps it.
using timestamp = std::chrono::time_point<std::chrono::system_clock,
                                          std::chrono::microseconds>;

/// As the API prints it: `2026-08-01T12:00:00.123456+00:00`.
std::string format_time(timestamp when);

constexpr std::int64_t to_micros(timestamp when) noexcept {
  return when.time_since_epoch().count();
}

constexpr timestamp from_micros(std::int64_t micros) noexcept {
  return timestamp{std::chrono::microseconds{micros}};
}

} // namespace heddle::inline v0
