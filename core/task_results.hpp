#pragma once

#include "heddle/json.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::core {

/// One pending write of a task, as JSON; empty if it has no JSON form.
struct task_write {
  std::string_view task;
  std::string_view channel;
  json_text value;
};

/// The tasks of a past checkpoint with their results: a task has none when its
/// checkpoint is made, but its writes are kept beside it. Errors and interrupts
/// have come with the tasks themselves and stay as they are.
/// @param channels what makes up the state; none: every channel of the user's.
json_text with_results(const json_text& tasks,
                       const std::vector<task_write>& writes,
                       const std::optional<std::vector<std::string>>& channels);

} // namespace heddle::core
