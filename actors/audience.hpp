#pragma once

#include "core/wait_document.hpp"
#include "heddle/stream.hpp"
#include "heddle/thread.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace heddle::actors {

/// The readers of one run. Belongs to its thread's actor. A reader that asked
/// for a replay gets it first; what is published meanwhile waits for it, so
/// that nothing is lost, doubled or out of order.
class audience {
public:
  enum class arrival : std::uint8_t {
    with_run, ///< Who created it: sees all of it, as it comes.
    live,     ///< Came later; sees what comes from now on.
    replay,   ///< Came later; what was before is still to be looked up.
  };

  std::uint64_t add(std::shared_ptr<run_reader> reader, follow_options how,
                    arrival came);

  void publish(std::span<const event_ptr> events);

  /// The replay of a reader that waits for one, then what has
  /// been published since (with ids greater than the last replayed, or than
  /// `has`: the last event it has, empty if none of this run's).
  void replay(std::uint64_t no, std::vector<event_ptr> stored,
              std::string_view has = {});

  /// Takes one reader out. @returns how it followed, if it was there.
  std::optional<follow_options> remove(std::uint64_t no);

  /// Ends everyone; those whose replay is still to come, after it. The
  /// documents of those who wait fall back to `thread`, where they may; null:
  /// the run is gone. Then who came later gets none of what it left.
  void end(end_reason why, const thread_record* thread);

  /// Ends one.
  void end(std::uint64_t no, end_reason why, const thread_record* thread);

  bool empty() const noexcept { return members_.empty(); }
  /// Someone needs the thread's values for the document.
  bool needs_thread() const noexcept;

private:
  /// `ms-seq`, as numbers.
  using position = std::pair<std::int64_t, std::int64_t>;
  static position position_of(std::string_view id);

  struct member {
    std::uint64_t no = 0;
    std::shared_ptr<run_reader> reader;
    follow_options how;
    bool live = true;
    bool joined = false;            ///< Came later.
    std::vector<event_ptr> backlog; ///< Until the replay is there.
    /// The last it has: what was stored before it was looked up may be
    /// published only after, and must not come twice.
    std::optional<position> replayed;
    core::wait_seen seen;
    std::optional<stream_end> ended; ///< To be told after the replay.
  };

  static void deliver(member& to, std::span<const event_ptr> events);
  static stream_end farewell(const member& to, end_reason why,
                             const thread_record* thread);
  member* find(std::uint64_t no);

  std::vector<member> members_;
};

} // namespace heddle::actors
