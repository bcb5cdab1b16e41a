#pragma once

#include "tests/house/world.hpp"
#include "tests/sim/clients.hpp"
#include "tests/sim/coverage.hpp"
#include "tests/sim/crew.hpp"
#include "tests/sim/dice.hpp"
#include "tests/sim/ghost.hpp"
#include "tests/sim/judge.hpp"
#include "tests/sim/sim_gate.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace heddle::test {

/// What all schedules share: one database, emptied for each.
struct stage {
  /// `guards`: of the store itself, beside the judge.
  explicit stage(bool guards = true);
  std::vector<std::string> complaints;
  std::unique_ptr<stepped_store> rows;
  ghost_log ghosts;
};

/// One random schedule: what happens, in which order, and what fails. The same
/// seed gives the same one.
class simulation {
public:
  simulation(stage& where, std::uint64_t seed, coverage& seen,
             const sim_gate_maker& gate = {});

  ~simulation();

  /// Plays it, then lets everything come to its end. Throws `violation`.
  void play();

  /// A digest of everything that was committed and shown.
  std::uint64_t trace() const noexcept { return trace_; }

private:
  void step();
  void let_fail();
  void stray_hint();
  void release_late();
  void crash();
  void commit(std::size_t limit);
  void stop_in_order();
  void come_to_rest();
  bool at_rest();
  bool move_on();
  void check_rest();
  void check() const;
  void count_forwarded();
  void mix(std::uint64_t what);

  coverage& seen_;
  stage& stage_;
  dice dice_;
  gate_faults faults_;
  world house_;
  judge judge_;
  crew crew_;
  clients clients_;
  // Which faults this schedule knows.
  bool crashes_;
  bool mishaps_;
  bool full_queues_;
  bool failing_commits_;
  bool late_answers_;
  bool slow_store_;
  bool slow_workers_;
  bool stray_hints_;
  bool storms_;
  timestamp calm_{}; ///< Since then there are no faults.
  std::uint64_t trace_ = 0;
};

} // namespace heddle::test
