#pragma once

#include "graph/randomness.hpp"
#include "heddle/graph.hpp"
#include "heddle/log.hpp"
#include "worker/native/execution.hpp"
#include "worker/worker.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <string>

namespace heddle {
class runtime;
} // namespace heddle

namespace heddle::worker::native {

/// How C++ graphs are executed.
struct native_options {
  std::map<std::string, graph::compiled> graphs; ///< By id.
  pool::options threads;
  std::size_t credit_run_bytes = 1U << 20U;
  /// How long the end of the launcher waits for nodes that are being cancelled.
  std::chrono::milliseconds stop_grace{5000};
  log_sink log = no_log();
};

/// What all channels of a launcher share.
struct native_shop : workshop {
  native_options options;
  std::shared_ptr<graph::randomness> chance;
  std::string hello_versions;
  std::atomic<bool> told_exhausted{false};
};

/// Executes C++ graphs in this process, on a pool of OS threads of its own.
///
/// What this process cannot do is kill a node. A run that does not stop is
/// abandoned alone: fenced off and reported as over, while its thread of the
/// pool counts as stuck and is replaced (docs/cancel.md).
class native_launcher final : public launcher {
public:
  native_launcher(runtime& rt, native_options options);

  /// Ends all runs as a kill does and waits for their nodes, no longer than
  /// `stop_grace`. A node that is still at it keeps its thread, the objects
  /// that it uses, and the graph. The runtime must not be stopped yet, and this
  /// is not one of its threads.
  ~native_launcher() override;

  std::shared_ptr<channel> launch(report_sink sink) override;

  std::size_t stuck() const override;

private:
  runtime& rt_;
  std::shared_ptr<native_shop> shop_;
  std::mutex mutex_; // Guards `all_`.
  std::vector<std::weak_ptr<channel>> all_;
  std::size_t next_shard_ = 0;
};

} // namespace heddle::worker::native
