#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

// What the server and its launcher process say to each other: frames as in the
// worker protocol's transport, with values of our own. Both ends are this same
// program, so nothing here is about trust.

namespace heddle::worker {

/// Names one process that is to be started; never used again.
using process_token = std::uint64_t;

/// Starts a process. Two descriptors travel with the first byte of the order:
/// the worker's end of the socket, then what becomes its stdout and stderr.
struct start_order {
  process_token token = 0;
  std::vector<std::string> argv;
  std::vector<std::string> env; ///< `NAME=value`
  std::string cwd;
  std::uint64_t open_files_max = 0;
};

constexpr std::size_t start_order_fds = 2;

/// Kills the group of a process. Ignored if it has ended.
struct kill_order {
  process_token token = 0;
};

using order = std::variant<start_order, kill_order>;

struct process_started {
  process_token token = 0;
  std::int64_t pid = 0;
};

/// Nothing is left of the process and its group. Also if it never started.
struct process_ended {
  process_token token = 0;
  std::string how; ///< `exited with 3`, `could not be started: …`
};

using launch_report = std::variant<process_started, process_ended>;

std::string encode_order(const order& what);
std::string encode_launch_report(const launch_report& what);

/// A frame without its length.
using frame_bytes = std::shared_ptr<const std::string>;

/// Throws `std::runtime_error` if the frame is not one of ours.
order decode_order(const frame_bytes& frame);
launch_report decode_launch_report(const frame_bytes& frame);

} // namespace heddle::worker
