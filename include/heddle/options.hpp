#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace heddle::inline v0 {

/// What an operator can choose about runs and the store. The command line, the
/// environment and an embedding program all end up here.
struct options {
  std::chrono::milliseconds stop_grace{5000}; ///< docs/cancel.md
  std::chrono::milliseconds shutdown_grace{10'000};
  std::chrono::seconds run_timeout{86'400};     ///< BG_JOB_TIMEOUT_SECS
  std::uint32_t strikes_max = 3;                ///< BG_JOB_MAX_RETRIES
  std::chrono::seconds resumable_ttl{120};      ///< …STREAM_TTL_SECONDS
  std::size_t resumable_bytes_max = 64U << 20U; ///< Per run.
  std::size_t workers = 2;                      ///< Processes.
  std::size_t jobs_per_worker = 10;             ///< N_JOBS_PER_WORKER
  std::size_t runs_per_thread_max = 100'000;    ///< Waiting; then 503.
  bool webhook_loopback = false; ///< Allow loopback webhook hosts.
  bool webhook_private = false;  ///< Allow private webhook hosts.
  bool webhook_https = false;    ///< Require https.
};

} // namespace heddle::inline v0
