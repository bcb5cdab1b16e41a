#pragma once

#include "worker/launcher_process.hpp"
#include "worker/wire/encode.hpp"
#include "worker/worker.hpp"

#include "heddle/log.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace heddle {
class runtime;
} // namespace heddle

namespace heddle::worker {

class launcher_link;

/// How worker processes are started.
struct process_options {
  /// The program, a path or found by PATH, and its arguments.
  std::vector<std::string> command;
  std::string cwd; ///< Where it starts.
  /// `env` of langgraph.json: wins over what is inherited.
  std::map<std::string, std::string> env;
  /// The names of the server's environment that workers see; all but `HEDDLE_*`
  /// if this is empty.
  std::optional<std::vector<std::string>> worker_env;
  /// What a worker may send; told in `welcome`.
  wire::worker_limits limits;
  std::uint64_t open_files_max = 4096;
  /// From the start of the process to its `hello`, when all graphs are loaded.
  std::chrono::milliseconds startup_deadline{60'000};
  /// Gets what workers print, line by line, with the field `pid`.
  log_sink log = no_log();
};

/// Starts worker processes through the launcher process.
///
/// A process is killed with its group when it breaks the protocol, sends no
/// `hello` in time, does not read what it is sent, or closes its socket without
/// leaving. Whatever the reason: what it had sent before is reported first,
/// `gone` comes when the process and its group are dead.
class process_launcher final : public launcher {
public:
  process_launcher(runtime& rt, launcher_handle handle,
                   process_options options);

  /// Kills all processes and waits until they are dead; `gone` is reported soon
  /// after. The runtime must not be stopped yet, and this is not one of its
  /// threads.
  ~process_launcher() override;

  std::shared_ptr<channel> launch(report_sink sink) override;

private:
  runtime& rt_;
  launcher_handle handle_;
  std::shared_ptr<const process_options> options_;
  std::shared_ptr<launcher_link> link_;
  std::atomic<std::size_t> next_shard_{0};
};

} // namespace heddle::worker
