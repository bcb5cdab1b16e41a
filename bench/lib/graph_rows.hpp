#pragma once

#include "bench/lib/load.hpp"
#include "heddle/ids.hpp"
#include "store/store.hpp"

#include <cstddef>
#include <vector>

namespace heddle::bench {

/// Writes the rows of one whole run of a trivial C++ graph on each thread,
/// through the port of a store, with nothing in front of it: created and
/// started in one commit; then its checkpoints, their views and the writes
/// between them without waiting; then its end. `at_once` runs are under way.
measured write_run_rows(store& rows, std::size_t at_once, int checkpoints,
                        std::vector<thread_id> threads);

} // namespace heddle::bench
