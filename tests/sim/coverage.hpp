#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace heddle::test {

/// Situations that a simulation is worth running for.
enum class situation : std::uint8_t {
  cancel_before_start,
  cancel_between_attempts,
  cancel_running,
  cancel_raised_to_rollback,
  cancel_lowered,
  cancel_meets_create,
  cancel_between_end_and_commit,
  cancel_after_end,
  cancel_of_nothing,
  cancel_of_deferred,
  cancel_of_stateless,
  cancel_waited_for,
  cancel_beside_recovery,
  bulk_mark,
  bulk_left_to_slices,
  bulk_mark_beside_start,
  bulk_waited_for,
  bulk_untold,
  superseded_running,
  superseded_pending,
  rejected,
  storm,
  disconnected,
  run_deleted_while_running,
  thread_deleted_while_running,
  ladder_killed,
  neighbour_killed,
  run_abandoned,
  neighbour_drained,
  worker_died,
  worker_blocked,
  strike,
  out_of_strikes,
  ran_alone,
  timed_out,
  late_checkpoint_refused,
  rolled_back_to_before,
  crashed,
  crashed_with_intent,
  crashed_with_marks,
  crashed_in_recovery,
  crashed_before_answer,
  queue_full,
  commit_failed,
  answer_late,
  stray_hint,
  message_forwarded,
  replayed,
  reconnected,
  garbage_id,
  update_done,
  update_refused,
  stopped_in_order,
  stopped_with_intent,
  webhook_sent,
  count
};

const char* to_string(situation what) noexcept;

/// How often each has occurred.
struct coverage {
  std::array<std::uint64_t, static_cast<std::size_t>(situation::count)> seen{};

  void note(situation what) { ++seen[static_cast<std::size_t>(what)]; }

  coverage& operator+=(const coverage& more) {
    for (std::size_t i = 0; i < seen.size(); ++i)
      seen[i] += more.seen[i];
    return *this;
  }
};

} // namespace heddle::test
