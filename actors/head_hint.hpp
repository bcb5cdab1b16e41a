#pragma once

#include "actors/environment.hpp"
#include "store/store.hpp"

#include <optional>
#include <string>

namespace heddle::actors {

/// What any transaction that can move the head of a thread brings back.
struct head_hint {
  std::optional<run_row> head; ///< The next run, if it is near the front.
  std::string graph;           ///< Of it.
  bool unknown = false;        ///< There may be one further back.
};

/// Looks for the head. On the writer's thread.
head_hint head_of(write_tx& tx, const thread_id& thread);

/// Tells the dispatcher of its kind of the head. Any thread.
void follow_head(environment& env, const thread_id& thread,
                 const head_hint& hint);

} // namespace heddle::actors
