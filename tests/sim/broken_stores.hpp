#pragma once

#include "tests/sim/sim_gate.hpp"

#include <vector>

namespace heddle::test {

/// A store that is broken on purpose, each in one way: what the judge must see.
struct broken_store {
  const char* what;
  sim_gate_maker make;
};

/// Made like the broken ones, and whole: the judge must have nothing to say.
sim_gate_maker intact_store();

/// All of them. The stage must be one without the store's own guards.
const std::vector<broken_store>& broken_stores();

} // namespace heddle::test
