#include "core/task_results.hpp"

#include "core/json_object.hpp"

#include <algorithm>

namespace heddle::core {

namespace {

/// Channels that the graph library keeps for itself.
bool internal(std::string_view channel) {
  return channel.starts_with("__") || channel.starts_with("branch:");
}

std::string result_of(std::string_view task,
                      const std::vector<task_write>& writes,
                      const std::optional<std::vector<std::string>>& channels) {
  json_object result;
  for (const auto& write : writes) {
    if (write.task != task || write.value.empty() || internal(write.channel))
      continue;
    if (channels
        && std::ranges::find(*channels, write.channel) == channels->end())
      continue;
    result.set(std::string{write.channel}, write.value.str());
  }
  return result.str();
}

} // namespace

json_text
with_results(const json_text& tasks, const std::vector<task_write>& writes,
             const std::optional<std::vector<std::string>>& channels) {
  if (writes.empty() || tasks.empty())
    return tasks;
  std::string out = "[";
  for (auto text : slice_array(tasks.view())) {
    json_object task{text};
    auto id = task.find("id").value_or("\"\"");
    auto result = result_of(id.substr(1, id.size() - 2), writes, channels);
    if (task.find("result").value_or("null") == "null" && result != "{}")
      task.set("result", result);
    out += (out.size() > 1 ? "," : "") + task.str();
  }
  return json_text{out + "]"};
}

} // namespace heddle::core
