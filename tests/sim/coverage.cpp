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
    "a cancel right after a recovery",
    "a bulk mark",
    "a bulk mark with work left to slices",
    "a bulk mark between a start and its order",
    "a bulk cancel that waits",
    "a bulk mark whose every hint is lost",
    "a new run that stops a running one",
    "a new run that ends a pending one",
    "a new run that is rejected",
    "a storm of creates and cancels on one thread",
    "a disconnect that cancels",
    "a running run deleted",
    "a thread deleted while a run executes",
    "a worker killed by the ladder",
    "a run killed for its neighbour's sake",
    "a run given up alone",
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
    "a crash between a commit and its answer",
    "a full queue of the store",
    "a commit that fails",
    "an answer long after its commit",
    "a hint that nobody meant",
    "a message to an actor that has retired",
    "a replay",
    "a reader that lost its stream and comes back",
    "a reader that asks for what never was",
    "a state updated by a client",
    "a state update refused",
    "a stop in order, and a new start",
    "a stop in order beside a cancel",
    "a webhook",
  };
  static_assert(sizeof names / sizeof *names
                == static_cast<std::size_t>(situation::count));
  return names[static_cast<std::size_t>(what)];
}

} // namespace heddle::test
