#pragma once

#include "bench/load_generator/latencies.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace heddle::load {

/// What a round of a scenario found.
struct tally {
  latencies main;                        ///< Of the operation itself.
  std::map<std::string, latencies> also; ///< Of parts of it, by their names.
  std::uint64_t done = 0;     ///< Operations that were answered well.
  std::uint64_t requests = 0; ///< Answers, of all requests.
  std::uint64_t units = 0;    ///< Events, or runs, if a scenario counts those.
  std::uint64_t failed = 0;
  std::uint64_t unserved = 0; ///< Open loop: due, and never sent.
  std::map<std::string, std::uint64_t> failures; ///< By what went wrong.
  std::string unsupported; ///< Why it could not be measured.
  double seconds = 0;
  double own_cpu_us = 0;    ///< Of the generator, for a request.
  double server_cpu_us = 0; ///< Of the server's process; 0: not to be had.

  /// Counts a failure. The first of a kind are kept as they are said.
  void fail(const std::string& why);
};

} // namespace heddle::load
