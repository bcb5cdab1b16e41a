#pragma once

#include "heddle/ids.hpp"
#include "heddle/json.hpp"
#include "heddle/time.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

// ThreadStates as JSON, put together from text. Pure.

namespace heddle::core {

/// A checkpoint as the API shows it.
struct state_parts {
  thread_id thread;
  std::string ns;
  std::string id;     ///< Empty: there is no checkpoint.
  std::string parent; ///< Empty: none.
  json_text metadata; ///< Empty: `null`.
  std::optional<timestamp> created;
  json_text values; ///< Empty: `{}`.
  std::vector<std::string> next;
  json_text tasks; ///< An array; empty: none.
};

json_text state_json(const state_parts& state);

/// The state at a checkpoint that the thread does not have.
json_text unknown_checkpoint_json(const thread_id& thread,
                                  const std::string& checkpoint);

json_text history_json(const std::vector<state_parts>& states);

/// `values` from the channels that `shape` names, in its order. Channels that
/// have no JSON, or no value, are left out.
json_text
assemble_values(const std::vector<std::string>& shape,
                const std::vector<std::pair<std::string, json_text>>& channels);

/// What the tasks of a state wait for.
struct state_interrupts {
  json_text by_task; ///< `{task_id: [{"id","value"}]}`, as a thread shows it.
  json_text all;     ///< `[{"id","value"}]`, as a state shows it.
};
state_interrupts interrupts_of(const json_text& tasks);

} // namespace heddle::core
