#pragma once

#include "heddle/graph.hpp"
#include "runtime/runtime.hpp"
#include "tests/worker/door.hpp"
#include "tests/worker/processes.hpp"
#include "worker/native/launcher.hpp"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>

// C++ graphs on their executor, and a server that answers what they ask for.

namespace heddle::worker::test {

/// One launcher with the graphs:
/// - `echo`: a function that gives its input back
/// - `deaf`: a function that stands before `shut`, then emits
/// - `watching`: a function that waits for its stop token
/// - `waiting`: a coroutine that waits for an hour
/// - `stepping`: twenty functions, one after the other
/// - `chatty`: a function that emits 1000 events of 1 KiB
struct native_world {
  explicit native_world(native::pool::options threads = {4, 2},
                        std::size_t credit = 1U << 20U);
  ~native_world();

  /// Executes `graph` as the run `no`.
  void start(run_no no, const std::string& graph,
             const std::string& input = "{}");
  /// All that was said of a run, in order, by the names of the types.
  std::vector<std::string> said(run_no no);
  /// Waits until the run is clean.
  end await_clean(run_no no);
  bool is_clean(run_no no);
  std::size_t events_of(run_no no);
  std::size_t count_logged(const std::string& part);

  std::atomic<bool> gives_credit{true};
  std::atomic<bool> gives_answers{true};
  journal seen;
  door shut;
  std::mutex log_mutex;
  std::vector<std::string> log;
  runtime rt{2};
  std::unique_ptr<native::native_launcher> launcher;
  std::shared_ptr<channel> way;

private:
  void serve(std::vector<std::pair<run_no, report>> batch);
};

/// The name of a report's type.
std::string name_of(const report& what);

} // namespace heddle::worker::test
