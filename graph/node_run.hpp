#pragma once

#include "graph/host.hpp"
#include "graph/outcome.hpp"
#include "heddle/json.hpp"
#include "heddle/task.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace heddle::graph {

class plan;
struct run_facts;
class channel_values;

/// The answer of a resume that names no interrupt: for the first node that
/// asks.
struct open_answer {
  json_text value;
  std::atomic<bool> taken{false};
};

/// One execution of one node. Made by the machine, run by the pool.
class node_run : public std::enable_shared_from_this<node_run> {
public:
  struct order {
    task_no no = 0;
    std::size_t node = 0; ///< Its place in the plan; `start_node`: the start.
    std::string id;       ///< The task's id.
    std::string path;     ///< Its path, as JSON.
    std::int64_t step = 0;
    json_text input;
    std::shared_ptr<const channel_values> state; ///< For its branches.
    std::vector<json_text> answers; ///< To interrupts of earlier executions.
    std::shared_ptr<open_answer> open;
    bool as_update = false; ///< `input` is the update: only its branches run.
  };

  node_run(std::shared_ptr<const run_facts> facts, order what);
  ~node_run();
  node_run(const node_run&) = delete;
  node_run& operator=(const node_run&) = delete;

  task_no no() const noexcept { return order_.no; }
  const std::string& id() const noexcept { return order_.id; }

  /// The name of its node: for logs.
  std::string_view name() const noexcept;

  /// Whether it is a coroutine, which waits without a thread.
  bool waits_without_thread() const noexcept;

  /// Runs a function to its end, a coroutine until it waits for the first time;
  /// it goes on by `host::post`. Ends with `host::finished`, once, whatever the
  /// node throws. On a thread that may run user code; once.
  void run(std::shared_ptr<host> where);

  /// Sets the stop token and ends the wait under way; before `run`, makes that
  /// finish at once. Any thread, any number of times.
  void cancel();

private:
  class inner_context;

  void execute();
  void note_known_messages();
  template <class Give>
  void conclude(Give give);
  outcome succeeded(const node_result& given);
  void finish(outcome what);

  std::shared_ptr<const run_facts> facts_;
  order order_;
  std::shared_ptr<host> host_;
  std::shared_ptr<wait_place> place_;
  std::unique_ptr<inner_context> context_;
  std::optional<task<node_result>> coroutine_;
  std::mutex mutex_;
  bool cancelled_ = false;
};

} // namespace heddle::graph
