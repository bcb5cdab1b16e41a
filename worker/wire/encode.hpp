#pragma once

#include "worker/worker.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

// The frames of the server, each with its length before it, ready to be sent.

namespace heddle::worker::wire {

/// What a worker is told it may send.
struct worker_limits {
  std::size_t frame_bytes_max = 64U << 20U;
  std::size_t value_bytes_max = 16U << 20U;
  std::size_t checkpoint_bytes_max = 32U << 20U;
  std::size_t credit_process_bytes = 16U << 20U;
  std::size_t credit_run_bytes = 1U << 20U;
};

std::string encode_welcome(const worker_limits& limits);
std::string encode(run_no run, const start& what);
std::string encode(run_no run, const cancel& what);
std::string encode(run_no run, const ask& what);
std::string encode_drain(run_no run);
std::string encode_raise(run_no run);
std::string encode_credit(run_no run, std::size_t bytes);
std::string encode_done(run_no run, std::uint32_t seq);
std::string encode_refused(run_no run, std::uint32_t seq, refusal why,
                           std::string_view text);
std::string encode_tuple(run_no run, std::uint32_t req,
                         const std::optional<tuple>& found);

/// In several frames, where one would be large.
std::vector<std::string> encode_tuples(run_no run, std::uint32_t req,
                                       const std::vector<tuple>& found);

std::string encode_stored(run_no run, std::uint32_t req,
                          const json_text& results);
std::string encode_ping(std::uint64_t n);
std::string encode_exit(std::chrono::milliseconds deadline);

} // namespace heddle::worker::wire
