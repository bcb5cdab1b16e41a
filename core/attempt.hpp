#pragma once

#include "core/ladder.hpp"
#include "heddle/run.hpp"

#include <chrono>
#include <cstdint>
#include <variant>

// What to write once an attempt is over: a pure decision of how it was left, of
// what was wanted and of how often it has failed. The row has the last word: a
// finish or a requeue that meets an intent writes nothing, and the effect
// follows instead.

namespace heddle::core {

struct attempt_facts {
  attempt_end how = attempt_end::success;
  bool intent = false;    ///< A cancel is committed, as far as is known.
  bool timed_out = false; ///< The ladder was climbed because of the time-out.
  bool shutting_down = false;
  std::uint32_t strikes = 0; ///< Before this attempt.
  std::uint32_t strikes_max = 3;
};

struct write_finish {
  run_status status;
  bool out_of_strikes = false; ///< The error is the server's, not the graph's.
  bool operator==(const write_finish&) const = default;
};
struct write_effect {
  bool operator==(const write_effect&) const = default;
};
struct write_requeue {
  bool strike = false;
  std::chrono::seconds delay{0};
  bool operator==(const write_requeue&) const = default;
};
using attempt_write = std::variant<write_finish, write_effect, write_requeue>;

[[nodiscard]] attempt_write after_attempt(const attempt_facts& facts);

/// How long a run waits that has `strikes` already: 0, 1, 4 seconds.
[[nodiscard]] std::chrono::seconds retry_delay(std::uint32_t strikes) noexcept;

} // namespace heddle::core
