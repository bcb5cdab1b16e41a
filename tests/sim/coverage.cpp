#include "tests/sim/coverage.hpp"

namespace heddle::test {

const char* to_string(situation what) noexcept {
  static constexpr const char* names[] = {
    "a cancel before the start",
    "a cancel between attempts",
    "a cancel of a running run",
    "an interrupt raised to a rollback",
    "a lower cancel after a rollback",
    "a cancel that meets its run's create",
    "a cancel between a run's end and its commit",
    "a cancel after the end",
    "a cancel of nothing",
    "a cancel of a deferred run",
    "a cancel of a stateless run",
    "a cancel that waits for the effect",
    "a bulk mark",
    "a bulk mark with work left to slices",
    "a bulk mark in the commit of a start",
    "a bulk cancel that waits",
    "a new run that stops a running one",
    "a new run that ends a pending one",
    "a new run that is rejected",
    "a disconnect that cancels",
    "a running run deleted",
    "a thread deleted while a run executes",
    "a worker killed by the ladder",
    "a run killed for its neighbour's sake",
    "a run drained for its neighbour's sake",
    "a worker that died by itself",
    "a worker whose loop is blocked",
    "a strike",
    "a run out of strikes",
    "a run with a strike in a process of its own",
    "a run that took too long",
    "a late checkpoint refused",
    "a rollback to a state that was not empty",
    "a crash",
    "a crash with an intent on a running run",
    "a crash with marks left to slices",
    "a crash in the midst of recovery",
    "a full queue of the store",
    "a message to an actor that has retired",
    "a replay",
    "a state updated by a client",
    "a state update refused",
    "a stop in order, and a new start",
    "a webhook",
  };
  static_assert(sizeof names / sizeof *names
                == static_cast<std::size_t>(situation::count));
  return names[static_cast<std::size_t>(what)];
}

} // namespace heddle::test
