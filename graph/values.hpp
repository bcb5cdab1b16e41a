#pragma once

#include "graph/ids.hpp"
#include "graph/outcome.hpp"
#include "graph/plan.hpp"
#include "heddle/json.hpp"

#include <optional>
#include <string>
#include <vector>

namespace heddle::graph {

/// The values of a graph's channels, by their places in the plan. Empty: none.
class channel_values {
public:
  std::vector<json_text> at;
};

/// What a task writes: to a channel, or one of these, of which checkpoints keep
/// account beside the channels.
struct write {
  static constexpr std::size_t special = std::size_t(-8);
  static constexpr std::size_t no_writes = special + 1; ///< Ran, wrote nothing.
  static constexpr std::size_t error = special + 2;
  static constexpr std::size_t interrupt = special + 3;
  static constexpr std::size_t resume = special + 4;

  std::size_t channel = 0;
  json_text value;

  /// Says what became of a task, not what it made.
  bool is_control() const noexcept { return channel > no_writes; }
};

/// Where a thread stands: everything of a checkpoint but its values.
struct position {
  std::string id;     ///< Empty: there is none.
  std::string parent; ///< Of what is stored last.
  std::int64_t step = -2;
  std::string source;
  std::vector<version> versions;          ///< By channel.
  std::vector<std::vector<version>> seen; ///< By node and trigger; none: never.
  std::vector<version> interrupt_seen;    ///< By channel; empty: none.

  bool exists() const noexcept { return !id.empty(); }
  /// The highest version.
  version newest() const;
};

/// One task's part in a step. `node` empty: nobody's (input, a command).
struct contribution {
  std::optional<std::size_t> node;
  bool triggered = true; ///< Its node's triggers count as seen.
  const std::vector<write>* writes = nullptr;
};

channel_values initial_values(const plan& of);
position initial_position(const plan& of);

/// Whether a channel has a value that a node may read or be started by.
bool available(const plan& of, const channel_values& values,
               std::size_t channel);

/// Whether a node is due.
bool triggered(const plan& of, const channel_values& values, const position& at,
               std::size_t node);

/// Applies a step's writes, in the order of `tasks`. On an error, `values` and
/// `at` are of no more use.
/// @returns which channels were updated and have a value.
result<std::vector<bool>> apply(const plan& of, channel_values& values,
                                position& at,
                                const std::vector<contribution>& tasks,
                                randomness& chance);

/// The state's channels that have a value, as one JSON object.
json_text state_json(const plan& of, const channel_values& values);

/// The state as a node's branches see it: with its own update.
result<json_text> state_after(const plan& of, const channel_values& values,
                              const json_text& update, randomness& chance);

/// The value in `{"__overwrite__": …}`, which goes past a reducer.
std::optional<json_text> overwriting(const json_text& update);

/// Whether a reducer is one of ours, which give JSON for JSON.
bool is_own(const reducer& reduce);

/// An update's members as writes; those that are no channels of the state are
/// left out.
/// @returns `errc::invalid_argument` if it is no object.
result<std::vector<write>> update_writes(const plan& of,
                                         const json_text& update);

/// A `send` or the name of a node as a write; nothing for the end.
/// @returns `errc::invalid_argument` if there is no such node.
result<std::optional<write>> target_write(const plan& of, const target& to);

/// What a node's edges write.
std::vector<write> edge_writes(const plan& of, std::size_t node);

} // namespace heddle::graph
