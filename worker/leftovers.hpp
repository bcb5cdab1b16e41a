#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Telling a process from another one that got its number later: what the store
// keeps of each worker, so that a start after a crash can end a worker that was
// left behind, and never a stranger.

namespace heddle::worker {

/// A process, for good: numbers are used again, but not with the same start.
struct process_stamp {
  std::int64_t pid = 0;
  std::uint64_t started = 0; ///< Clock ticks since the boot.
  std::string boot;          ///< Which boot.

  bool operator==(const process_stamp&) const = default;
};

/// What /proc says about a process.
struct process_stat {
  char state = '?';
  std::int64_t parent = 0;
  std::int64_t group = 0;
  std::uint64_t started = 0;
};

/// Nothing if there is no such process, or its entry cannot be read.
std::optional<process_stat> stat_of(std::int64_t pid);

/// The fields of a line of /proc/<pid>/stat. Nothing if it is not one.
std::optional<process_stat> parse_stat(std::string_view line);

/// Nothing if there is no such process.
std::optional<process_stamp> stamp_of(std::int64_t pid);

/// `pid:started:boot`, for the store.
std::string to_string(const process_stamp& stamp);
std::optional<process_stamp> parse_stamp(std::string_view text);

/// Kills the process group that `stamp` leads (SIGKILL), if that very process
/// still lives and still leads its group. Does not wait for its end.
/// @returns whether it was killed.
bool kill_if_same(const process_stamp& stamp);

} // namespace heddle::worker
