#pragma once

#include "heddle/graph.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::graph {

/// A channel of a graph: of the user's state, or one that its edges need.
struct plan_channel {
  enum class kind : std::uint8_t {
    state,  ///< The user's; reduced, lasts.
    start,  ///< The input; for one step.
    branch, ///< `branch:to:<node>`: runs the node in the next step.
    join,   ///< `join:<a>+<b>:<node>`: runs it when all have written.
    tasks,  ///< What nodes sent, for one step.
  };

  std::string name;
  kind type = kind::state;
  channel_spec spec;                ///< Of the state's.
  std::vector<std::string> members; ///< Of a join.

  bool shown() const noexcept { return type == kind::state; }
};

struct plan_branch {
  router route;
  std::vector<std::string> targets; ///< Empty: any.
};

struct plan_node {
  std::string name;
  node_function function;
  node_coroutine coroutine;
  std::vector<std::string> destinations; ///< What its commands may name.
  std::vector<std::size_t> triggers;     ///< Channels, by name.
  std::vector<std::size_t> writes;       ///< Channels of its edges, in order.
  std::vector<plan_branch> branches;
  std::vector<std::string> edges; ///< Their targets, for the drawing.
};

/// What `builder::compile` made. The state's channels come first; node 0 is the
/// start. Room for subgraphs and retries: a node's policy belongs here.
class plan {
public:
  static constexpr std::size_t start_node = 0;

  std::string description;
  std::vector<plan_channel> channels;
  std::vector<plan_node> nodes;
  std::size_t state_size = 0; ///< How many channels are the state's.
  std::size_t start_channel = 0;
  std::size_t tasks_channel = 0;
  std::vector<std::string> interrupt_before;
  std::vector<std::string> interrupt_after;
  json_text config_schema;
  json_text context_schema;
  std::map<std::string, std::size_t, std::less<>> channel_names;
  std::map<std::string, std::size_t, std::less<>> node_names;
  std::vector<std::size_t> by_name; ///< The nodes, sorted by name.

  std::optional<std::size_t> channel(std::string_view name) const;
  std::optional<std::size_t> node(std::string_view name) const;
  /// The channel that makes a node run.
  std::optional<std::size_t> branch_to(std::string_view node) const;
};

} // namespace heddle::graph
