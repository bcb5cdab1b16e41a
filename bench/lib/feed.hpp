#pragma once

#include "bench/lib/load.hpp"
#include "store/store.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace heddle::bench {

/// A run of a thread.
struct place {
  thread_id thread;
  run_id run;
};

/// Fresh ids in the order in which the server makes them.
uuid_bytes next_id();

/// Threads with pending runs of the graph `noop`, 0.5 KB of input each,
/// committed to a store in `dir` before any server has it.
std::vector<place> fill(const std::string& dir, std::size_t threads,
                        std::size_t runs_per_thread);

/// Threads without runs.
std::vector<thread_id> fill_threads(const std::string& dir,
                                    std::size_t threads);

/// A store in `dir`; throws if there can be none.
std::unique_ptr<store> open_rows(const std::string& dir);

thread_record thread_row(const thread_id& id, timestamp now);
new_run run_row_of(const place& at, timestamp now);

/// Keeps `at_once` writes waiting at the port of a store until `count` are
/// done, the next pushed by the completion of one before: what the store can do
/// when nothing is in front of it. `write(tx, i)` is the i-th. `cpu_us` is this
/// process's.
measured feed(store& rows, lane where, std::size_t at_once, std::size_t count,
              std::function<void(write_tx&, std::size_t)> write);

timestamp wall_time();

} // namespace heddle::bench
