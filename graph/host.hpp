#pragma once

#include "graph/outcome.hpp"
#include "heddle/json.hpp"
#include "heddle/wait.hpp"
#include "worker/worker.hpp"

#include <functional>

namespace heddle::graph {

/// What the nodes of one run need of who executes them: one per run, alive
/// until every node of the run has finished. Any thread may call. Beside what
/// `wait_host` asks for:
class host : public wait_host {
public:
  /// An event of a node, already encoded. Goes out before everything that the
  /// machine sends because of that node's end, and only if `machine::emits`
  /// says so. May block a function node while the run has no credit
  /// (`may_block`); never a coroutine.
  virtual void emit(worker::event what, bool may_block) = 0;

  /// Calls `go_on` when the run has credit for more events, at once if it has.
  virtual void when_room(std::function<void()> go_on) = 0;

  /// Operations on the long-term store, for `machine::store_asked`.
  virtual void ask_store(json_text ops, store_reply done) = 0;

  /// A node has ended: to be told to `machine::finished`. Called once per node,
  /// last, by the thread that ended it; `which` stays alive through its
  /// shared pointer only.
  virtual void finished(task_no which, outcome what) = 0;
};

} // namespace heddle::graph
