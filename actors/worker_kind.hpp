#pragma once

#include "worker/worker.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace heddle::actors {

/// One kind of executors: what starts them, how many, and for which graphs.
struct worker_kind {
  std::string name;           ///< For the log.
  worker::launcher& launcher; ///< Outlives every actor.
  std::vector<std::string> graphs;
  std::size_t workers = 1;
  std::size_t jobs_per_worker = 10;
};

} // namespace heddle::actors
