#pragma once

#include "heddle/ids.hpp"
#include "heddle/json.hpp"
#include "heddle/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace heddle::inline v0 {

/// A run leaves `pending` for a worker, and returns there only by a requeue.
/// After `running` come the terminal ones. A rollback deletes the run instead.
enum class run_status : std::uint8_t {
  pending,
  running,
  success,
  error,
  timeout,
  interrupted,
};

/// What becomes of the work a cancelled run already did. Ordered.
enum class cancel_action : std::uint8_t {
  interrupt = 1, ///< Keep the checkpoints; the thread can resume from them.
  rollback = 2,  ///< Delete the run and all that is its, as if it never was.
};

/// The cancel that is committed for a run. Ordered none < interrupt < rollback;
/// it only rises, until the run has ended as it says.
using cancel_intent = std::optional<cancel_action>;

/// Which commit a cancel waits for before it answers.
enum class answer_after : std::uint8_t {
  intent, ///< From then on the run cannot end otherwise, whatever crashes.
  effect, ///< The run has ended, and nothing of it will appear any more.
};

/// What a new run does about the ones in flight on its thread.
enum class multitask_strategy : std::uint8_t {
  reject,    ///< Refuse the new run.
  enqueue,   ///< Run them one after the other.
  interrupt, ///< Cancel them with `cancel_action::interrupt`.
  rollback,  ///< Cancel them with `cancel_action::rollback`.
};

/// When checkpoints are written.
enum class durability : std::uint8_t {
  sync,  ///< Each step waits for the commit of its checkpoint.
  async, ///< Checkpoints are committed while the next step runs.
  exit,  ///< Only the last one, when the run stops.
};

constexpr bool is_terminal(run_status s) noexcept {
  return s != run_status::pending && s != run_status::running;
}

std::string_view to_string(run_status s) noexcept;
std::string_view to_string(cancel_action a) noexcept;
std::string_view to_string(multitask_strategy s) noexcept;
std::string_view to_string(durability d) noexcept;

/// @returns nothing if `text` names no status.
std::optional<run_status> parse_run_status(std::string_view text) noexcept;

/// A run as the API shows it.
struct run_record {
  run_id id;
  thread_id thread;
  assistant_id assistant;
  timestamp created; ///< Of a deferred run: when it becomes due.
  timestamp updated;
  run_status status = run_status::pending;
  json_text metadata; ///< An object.
  json_text kwargs;   ///< An object.
  multitask_strategy multitask = multitask_strategy::enqueue;
  std::string cancel_reason; ///< Empty: not cancelled.
};

} // namespace heddle::inline v0
