#pragma once

#include "bench/lib/load.hpp"
#include "bench/lib/options.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace heddle::bench {

/// A server in a process of its own, so that what it costs can be told from
/// what the benchmark itself costs. Killed when this goes.
class child {
public:
  /// Starts `command`; throws if it ends. stderr goes to this one's.
  explicit child(const std::vector<std::string>& command);
  ~child();
  child(const child&) = delete;
  child& operator=(const child&) = delete;

  pid_t pid() const noexcept { return pid_; }

  /// One line of its stdout.
  std::string line();

  /// CPU time of all its threads so far.
  std::chrono::nanoseconds cpu() const;

  /// A field of /proc/<pid>/status in KiB: VmRSS, RssAnon, VmHWM.
  std::uint64_t memory_kib(const std::string& field) const;

private:
  pid_t pid_ = -1;
  int out_ = -1;
};

/// This program again, as the server of own_server.hpp.
struct served {
  std::unique_ptr<child> process;
  std::uint16_t port = 0;
};
served serve_in_child(const std::string& data);

/// Its route that does nothing, asked for a while on 64 connections: the floor
/// of every request.
measured ask_nothing(const served& server, const options& opts);

/// Rests for so long. @returns the CPU time that the server spends meanwhile,
/// in milliseconds per second.
double idle_ms_per_s(const served& server, std::chrono::milliseconds time);

} // namespace heddle::bench
