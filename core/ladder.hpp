#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

// The stop ladder of one attempt of a run, without threads, clocks or I/O:
//
//   working --stop--> signalled --half--> pressed --grace--> killed
//      |                  |                  |                 |
//      +---- ended -------+------------------+-----------------+
//      |                                                       |
//      +---- ended, clean (or the process is gone) ------------+--> over
//
// `ended` is the worker's word that the graph has stopped; `clean` that no task
// or thread of the run lives in the process any more. An attempt that nobody
// wants stopped is reported at `ended`; one that is being stopped only when it
// is silent: clean, or its process gone.

namespace heddle::core {

enum class stop_cause : std::uint8_t {
  interrupt,
  rollback,
  timeout,
  linger, ///< It ended by itself, but its process is not rid of it.
};

/// How an attempt was left.
enum class attempt_end : std::uint8_t {
  success,
  error,
  cancelled, ///< The worker stopped it because it was told to.
  drained,   ///< Stopped at a checkpoint, to go on elsewhere.
  lost,      ///< Its process died, and nobody had ordered that.
  killed,    ///< Its process was killed on order.
};

struct ladder_state {
  enum class step : std::uint8_t { working, signalled, pressed, killed };
  step at = step::working;
  bool ended = false;
  bool clean = false;
  bool gone = false;
  bool reported = false;
  bool stopping = false; ///< Someone wants it stopped.
  attempt_end how = attempt_end::success;
};

// -- events: what happened ----------------------------------------------------

struct worker_ended {
  attempt_end how;
};
struct worker_clean {};
struct worker_gone {
  bool ordered = false;
};
struct stop_asked {
  stop_cause cause;
};
struct half_over {};
struct grace_over {};
using ladder_event = std::variant<worker_ended, worker_clean, worker_gone,
                                  stop_asked, half_over, grace_over>;

// -- effects: what the shell must do next, in this order ----------------------

/// Tell the worker to cancel it; once per attempt.
struct signal {
  stop_cause cause;
  bool operator==(const signal&) const = default;
};
/// Answered by `half_over` and `grace_over`, unless it is over before.
struct set_deadline {
  bool operator==(const set_deadline&) const = default;
};
/// The process gets no new runs, its neighbours are asked to move, and the
/// run's threads are interrupted.
struct press {
  bool operator==(const press&) const = default;
};
struct kill {
  bool operator==(const kill&) const = default;
};
/// Tell the thread how it was left.
struct report_end {
  attempt_end how;
  bool operator==(const report_end&) const = default;
};
/// Nothing of it is left: the slot is free, the actor may go.
struct let_go {
  bool operator==(const let_go&) const = default;
};
using ladder_effect
  = std::variant<signal, set_deadline, press, kill, report_end, let_go>;

struct ladder_step {
  ladder_state state;
  std::vector<ladder_effect> effects;
};

/// Advances by one event. Pure. What does not fit (a second `clean`, a deadline
/// that comes late) changes nothing.
[[nodiscard]] ladder_step advance(ladder_state state,
                                  const ladder_event& event);

} // namespace heddle::core
