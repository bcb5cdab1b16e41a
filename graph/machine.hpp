#pragma once

#include "graph/host.hpp"
#include "graph/node_run.hpp"
#include "graph/outcome.hpp"
#include "graph/randomness.hpp"
#include "heddle/graph.hpp"
#include "worker/worker.hpp"

#include <memory>
#include <optional>
#include <variant>
#include <vector>

// The execution of one run of a C++ graph, or of one question about one, as a
// machine: events in, actions out. No threads, no clock, no I/O.
//
//        start            found              finished (each task)
//     ──────────► asking ───────► stepping ◄──────────────┐
//      `started`,           │  super-step: nodes ──────────┘
//      `get`                │  then put, view, events, the next one
//                           ▼  no node is due, an interrupt, an error, cancel,
//                        settling   drain: every put and write answered
//                           │
//                           ▼ `end`, or `answer`
//                        ending ────────► clean
//                                 the last node has finished: `clean`
//
// Who executes a run holds one machine per run, calls it from one thread at a
// time (any), and performs the actions in their order, each batch before the
// next. Then the reports are in the order that docs/worker-protocol.md asks
// for. A machine never refers to the executor.

namespace heddle::graph {

/// To the server, as the executor's channel reports it.
struct send_report {
  worker::report what;
};

/// Run this node on the pool: `node->run(host)`.
struct run_node {
  std::shared_ptr<node_run> node;
};

/// Cancel this node: `node->cancel()`, on any thread. It still finishes.
struct stop_node {
  std::shared_ptr<node_run> node;
};

/// Hand the store's answer to who asked: `done(value)`.
struct answer_node {
  store_reply done;
  result<json_text> value;
};

using action = std::variant<send_report, run_node, stop_node, answer_node>;
using actions = std::vector<action>;

/// What a machine hears. An event that does not fit (an answer to nothing, a
/// second cancel) gives no actions.
class machine {
public:
  virtual ~machine() = default;

  /// Once, first.
  virtual actions start() = 0;

  // What the server says: the calls of `worker::channel` for this number.
  virtual actions found(std::uint32_t req, std::optional<worker::tuple> what)
    = 0;
  virtual actions listed(std::uint32_t req, std::vector<worker::tuple> what)
    = 0;
  virtual actions stored(std::uint32_t seq) = 0; ///< `done`.
  virtual actions refused(std::uint32_t seq, worker::refusal why,
                          std::string text)
    = 0;
  virtual actions store_answered(std::uint32_t req, json_text results) = 0;
  virtual actions cancel(worker::cancel what) = 0;
  virtual actions drain() = 0;

  // What the nodes say, by way of their `host`.
  virtual actions finished(task_no which, outcome what) = 0;
  virtual actions store_asked(json_text ops, store_reply done) = 0;

  /// A node wants to emit an event: whether it may go out. Counted if so.
  virtual bool emits() = 0;

  /// Whether `end` or `answer` has been sent: only `clean` may follow.
  virtual bool over() const noexcept = 0;
  /// Whether `clean` has been sent: the machine can go.
  virtual bool clean() const noexcept = 0;
};

/// The machine of a run. `chance` is shared by all machines of an executor.
std::unique_ptr<machine> make_run(compiled graph, worker::start order,
                                  std::shared_ptr<randomness> chance);

/// The machine of a question: `update`, `state`, `history`, `draw`, `schemas`,
/// `subgraphs`. Its end is `answer`, then `clean`.
std::unique_ptr<machine> make_ask(compiled graph, worker::ask order,
                                  std::shared_ptr<randomness> chance);

} // namespace heddle::graph
