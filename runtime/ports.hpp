#pragma once

#include "heddle/time.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>

// Time, as a port: for those who may not ask the machine, because the simulator
// has a time of its own. Free of Asio.

namespace heddle {

/// The time, for those who may not ask the machine: the simulator has its own.
class clock_source {
public:
  virtual ~clock_source() = default;
  /// Wall time: for what is stored or shown. May jump.
  virtual timestamp now() = 0;
};

/// Cancellable timers. Any thread may call.
class timer_source {
public:
  using id = std::uint64_t; ///< 0: none.

  virtual ~timer_source() = default;

  /// Calls `f` once after `delay` (monotonic), on some runtime thread. `f` must
  /// not block and should hold what it wakes weakly.
  virtual id after(std::chrono::milliseconds delay, std::function<void()> f)
    = 0;

  /// Best effort: `f` may be running or about to. Unknown ids are ignored.
  virtual void cancel(id timer) = 0;

  /// How many have neither fired nor been cancelled.
  virtual std::size_t waiting() const = 0;
};

/// How long to set a timer for what is due at a wall time. Timers do not follow
/// a wall clock that jumps, or a machine that was asleep: look again when it
/// fires, which is within a minute.
constexpr std::chrono::milliseconds timer_until(timestamp due,
                                                timestamp now) noexcept {
  using std::chrono::milliseconds;
  constexpr milliseconds most = std::chrono::minutes{1};
  if (due - now >= most)
    return most;
  return std::max(std::chrono::ceil<milliseconds>(due - now), milliseconds{0});
}

} // namespace heddle
