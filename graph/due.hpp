#pragma once

#include "graph/checkpoint.hpp"
#include "graph/node_run.hpp"

#include <memory>
#include <string>
#include <vector>

namespace heddle::graph {

/// A task of the step that is due: a node, and what it is given.
struct due_task {
  std::size_t node = 0;
  std::optional<std::size_t> sent; ///< Which of the sends; none: by its edges.
  std::string id;
  json_text input;
  std::vector<write> writes; ///< Empty: has not finished.

  task_no no = 0; ///< While it runs.
  std::shared_ptr<node_run> run;
  bool interrupted = false;
};

/// How API and metadata show where a task came from.
std::string path_json(const plan& of, const due_task& task, bool whole);
/// The same, as writes are sorted by it.
std::string path_text(const plan& of, const due_task& task);

/// What is due after a checkpoint: what was sent first, then the nodes, by name
/// (as a run goes through them) or in the order of the builder's calls (as the
/// latest state shows them).
std::vector<due_task> due_after(const plan& of, const thread_copy& from,
                                bool by_name);

/// What the pending writes say of a task.
struct task_status {
  std::vector<write> output; ///< Empty: has not finished.
  json_text interrupts;      ///< An array, or empty.
  json_text error;           ///< A string, or empty.
  std::vector<json_text> answers;
};

task_status status_of(const std::vector<pending_write>& pending,
                      const std::string& task);

/// Interrupts that wait for an answer, as JSON objects.
std::vector<json_text>
open_interrupts(const std::vector<pending_write>& pending);

/// The tasks as in a ThreadState. With `from.pending`, their results.
json_text tasks_json(const plan& of, const std::vector<due_task>& tasks,
                     const std::vector<pending_write>& pending);

std::vector<std::string> names_of(const plan& of,
                                  const std::vector<due_task>& tasks);

/// The parts of finished tasks in their step, in the order in which they count.
std::vector<contribution> parts_of(const plan& of,
                                   const std::vector<due_task>& tasks);

/// The view of the checkpoint that has just been put, and what is due after it.
worker::view view_of(const plan& of, const thread_copy& at,
                     const std::vector<due_task>& tasks);

/// The state with what finished tasks of a half done step have written.
worker::latest_state latest_of(const plan& of, const thread_copy& at,
                               randomness& chance);

} // namespace heddle::graph
