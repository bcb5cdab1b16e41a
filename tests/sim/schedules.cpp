#include "tests/catch.hpp"
#include "tests/sim/hasty_store.hpp"
#include "tests/sim/simulation.hpp"

#include <chrono>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <optional>
#include <string>

// Random schedules of the real actors, core and store against the invariants.
//
//   HEDDLE_SIM_SCHEDULES=1000000   how many
//   HEDDLE_SIM_SEED=4711           only this one, again

using namespace heddle::test;

namespace {

std::optional<std::uint64_t> from_environment(const char* name) {
  const char* text = std::getenv(name);
  return text && *text ? std::optional{std::strtoull(text, nullptr, 10)}
                       : std::nullopt;
}

/// What the schedule of a seed broke; nothing if it held.
std::optional<std::string> broken_by(stage& where, std::uint64_t seed,
                                     coverage& seen,
                                     const world::gate_maker& gate = {}) {
  try {
    simulation{where, seed, seen, gate}.play();
    return std::nullopt;
  } catch (const violation& what) {
    return what.what();
  }
}

void print(const coverage& seen, std::uint64_t schedules, double seconds) {
  std::cout << "simulated schedules: " << schedules << " in " << std::fixed
            << std::setprecision(1) << seconds << " s\n";
  for (std::size_t i = 0; i < seen.seen.size(); ++i)
    std::cout << std::setw(10) << seen.seen[i] << "  "
              << to_string(static_cast<situation>(i)) << '\n';
}

} // namespace

TEST_CASE("no schedule breaks the promise", "[sim]") {
  stage where;
  coverage seen;
  auto only = from_environment("HEDDLE_SIM_SEED");
  auto first = only.value_or(1);
  auto count
    = only ? 1 : from_environment("HEDDLE_SIM_SCHEDULES").value_or(2000);
  auto began = std::chrono::steady_clock::now();
  for (auto seed = first; seed < first + count; ++seed)
    if (auto broken = broken_by(where, seed, seen))
      FAIL("HEDDLE_SIM_SEED=" << seed << ": " << *broken);
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  print(seen, count, took.count());
  if (only)
    return;
  for (std::size_t i = 0; i < seen.seen.size(); ++i) {
    INFO("never occurred: " << to_string(static_cast<situation>(i)));
    CHECK((seen.seen[i] > 0 || count < 1000));
  }
}

TEST_CASE("a seed plays the same schedule again", "[sim]") {
  stage where;
  coverage first;
  coverage second;
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    CHECK(!broken_by(where, seed, first));
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    CHECK(!broken_by(where, seed, second));
  CHECK(first.seen == second.seen);
}

TEST_CASE("a store that answers a cancel before its commit is caught",
          "[sim]") {
  stage where;
  coverage seen;
  int caught = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed)
    caught += broken_by(where, seed, seen, make_hasty_gate) ? 1 : 0;
  CHECK(caught > 50);
}
