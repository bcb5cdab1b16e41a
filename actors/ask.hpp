#pragma once

#include "actors/environment.hpp"
#include "actors/protocol/worker.hpp"
#include "actors/reply.hpp"
#include "heddle/ids.hpp"
#include "heddle/json.hpp"
#include "store/rows.hpp"

#include <caf/actor_system.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace heddle::actors {

/// How long graph code may take to answer; then its process is killed.
inline constexpr std::chrono::seconds ask_patience{30};

/// A question that needs graph code (docs/worker-protocol.md, "Asks").
struct graph_question {
  std::string kind;
  std::string graph;
  thread_id thread;
  json_text args;
};

/// What the graph answered.
struct graph_answer {
  json_text value;
  /// How the API shows checkpoints of which nobody had told that. What an
  /// `update` tells is of its own checkpoints, and kept already.
  std::vector<checkpoint_view> views;
};

/// Asks in `place`. `done` hears the answer after everything that the question
/// wrote is committed.
void spawn_ask(caf::actor_system& sys, environment& env, graph_question what,
               slot_ptr place, reply<graph_answer> done);

} // namespace heddle::actors
