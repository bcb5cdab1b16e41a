#pragma once

#include "bench/lib/load.hpp"
#include "bench/lib/options.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace heddle::bench {

/// What `worker_harness` is to execute: the body of `POST …/runs` that a client
/// would send for it.
struct work {
  std::string body;
  std::size_t count = 1;   ///< Runs, each on a thread of its own.
  std::size_t at_once = 1; ///< Of them, over all processes.
  std::string event;       ///< The name of the events to count.
};

/// The same worker processes with no server before them: what they emit is
/// counted and forgotten, what they put is acknowledged at once, and what they
/// ask for is not there. The floor of everything that executes graphs.
class worker_harness {
public:
  /// Starts the processes and waits until each has loaded its graphs. Before
  /// this process has any other OS thread.
  worker_harness(const options& opts, std::size_t processes);
  ~worker_harness();

  /// Returns when all runs are over. Times are those from start to end.
  measured run(const work& what);

  /// The counted events of the last `run`.
  std::size_t events() const;

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

} // namespace heddle::bench
