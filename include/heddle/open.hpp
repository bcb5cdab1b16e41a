#pragma once

#include "heddle/error.hpp"
#include "heddle/graph.hpp"
#include "heddle/log.hpp"
#include "heddle/options.hpp"
#include "heddle/server.hpp"
#include "heddle/webhook.hpp"

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace caf {
class actor_system;
} // namespace caf

namespace heddle::inline v0 {

/// The process that starts worker processes and ends them when yours does,
/// however that happens. To be made at the top of `main`, before your program
/// has any other OS thread: a fork of a process with threads may hold their
/// locks for ever.
class worker_host {
public:
  /// Forks. `errc::unavailable`: the system gives no process.
  static result<worker_host> start();

  worker_host(worker_host&&) noexcept;
  worker_host& operator=(worker_host&&) noexcept;

  /// Ends the process, unless a server has it.
  ~worker_host();

  struct impl;
  explicit worker_host(std::unique_ptr<impl> made);
  /// For `open`.
  std::unique_ptr<impl> take() noexcept;

private:
  std::unique_ptr<impl> impl_;
};

/// Worker processes that run the Python graphs of a langgraph.json.
struct python_workers {
  worker_host host;
  std::filesystem::path config{};    ///< The langgraph.json.
  std::vector<std::string> graphs{}; ///< The ids of its graphs.
  /// An interpreter with `langgraph`: a path, or found by PATH.
  std::string python = "python3";
  /// The program that it executes. Empty: the one that was installed.
  std::filesystem::path program{};
  /// Put over what the workers inherit.
  std::map<std::string, std::string> env{};
  /// Names of your variables that they inherit; none: all but `HEDDLE_…`.
  std::optional<std::vector<std::string>> worker_env{};
};

/// What a server is made of. The defaults are a server in memory that executes
/// nothing.
struct open_options {
  /// Where the store is; made if it is not there. Empty: in memory, and all is
  /// gone with the server. A directory belongs to one server at a time.
  std::filesystem::path data;
  /// Limits and times, and how many workers.
  options server;
  /// Graphs in C++, by id: they run on a bounded pool of OS threads of their
  /// own in this process.
  std::map<std::string, graph::compiled> graphs;
  /// How many runs of these may execute at once, and how many OS threads their
  /// function nodes have. A coroutine that waits needs none.
  std::size_t graph_jobs = 1000;
  std::size_t graph_threads = 8;
  /// Ids of graphs that nobody here executes: their runs stay pending, until a
  /// server on the same directory has them.
  std::vector<std::string> unserved;
  /// None: no Python.
  std::optional<python_workers> python;
  /// OS threads of the server for I/O and its actors. 0: one per core.
  std::size_t io_threads = 0;
  /// Gets what there is to say to an operator.
  log_sink log = no_log();
  /// Where the server's actors run: null, in a system of its own, on its own OS
  /// threads. Else in yours, which outlives the server; the OS threads of the
  /// server do the rest. Its scheduler must be CAF's `sharing`, with a
  /// `scheduler.max-throughput` of 10 to 50; `stealing`, CAF's default, stalls
  /// for seconds on a fan-out and is refused with `errc::invalid_argument`.
  /// Your handlers and the server's then share threads: what blocks one, delays
  /// the other, and a server must not be opened or destroyed in one.
  caf::actor_system* host = nullptr;
  /// Sends the webhooks of runs. Null: libcurl, found when the first is sent.
  std::unique_ptr<webhook_sender> webhooks;
};

/// Opens the store, takes up what was under way when the last server on it
/// ended, and starts. Any number of servers may live in a process, each with a
/// store of its own. Any thread, but not one of a server; blocks until what was
/// taken up is durable.
/// - `errc::conflict`: another server has the directory, here or elsewhere.
/// - `errc::invalid_argument`: it holds something else, or a store of a newer
///   version; or `python` names no file that is there.
/// - `errc::bad_request`: two graphs have the same id.
/// - `errc::internal`: it cannot be read or written.
///
/// A disk that fails later ends the process at once, with a line in the log:
/// nobody could say any more what is durable.
result<std::unique_ptr<server>> open(open_options what);

} // namespace heddle::inline v0
