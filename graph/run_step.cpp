// Super-steps: what is due runs side by side, then everything that it wrote is
// applied at once and becomes a checkpoint.

#include "core/json_object.hpp"
#include "graph/run_machine.hpp"
#include "graph/told.hpp"

#include <algorithm>

namespace heddle::graph {

namespace {

std::string list_of(const std::vector<json_text>& items) {
  std::string text = "[";
  for (const auto& each : items)
    (text += text.size() > 1 ? "," : "") += each.view();
  return text + "]";
}

bool names_node(const std::vector<std::string>& list, const plan& of,
                const due_task& task) {
  if (task.node == plan::start_node)
    return false;
  return std::any_of(list.begin(), list.end(), [&](const std::string& each) {
    return each == "*" || each == of.nodes[task.node].name;
  });
}

} // namespace

/// The next step; with durability `sync` when everything is stored.
void run_machine::go_on() {
  held_ = durability_ == durability::sync && !out_.settled();
  if (!held_)
    tick();
}

void run_machine::tick() {
  tasks_ = due_after(graph(), thread_, true);
  if (thread_.at.step + 1 > last_step_) {
    tell_view();
    return fail("GraphRecursionError",
                "Recursion limit of " + std::to_string(limit_)
                  + " reached without hitting a stop condition. You can "
                    "increase the limit by setting the `recursion_limit` "
                    "config key.\nFor troubleshooting, visit: "
                    "https://docs.langchain.com/oss/python/langgraph/errors/"
                    "GRAPH_RECURSION_LIMIT");
  }
  tell_view();
  if (tasks_.empty())
    return finish(worker::end_outcome::success);
  if (!replaying_)
    reuse_writes();
  if (wants_stop(before_))
    return interrupted(false);
  if (drained_)
    return finish(worker::end_outcome::drained);
  for (auto& task : tasks_)
    if (!task.writes.empty())
      tell_update(task, true);
  // Each may end at once, and the last one of them ends the step.
  running_ = static_cast<std::size_t>(
    std::count_if(tasks_.begin(), tasks_.end(),
                  [](const due_task& task) { return task.writes.empty(); }));
  if (running_ == 0)
    return step_over();
  for (auto& task : tasks_)
    if (task.writes.empty() && !runs_here(task))
      launch(task);
  // Last: it may end the step, and then these tasks are gone.
  for (auto& task : tasks_)
    if (task.writes.empty() && runs_here(task))
      return pass_on(task);
}

/// The start only passes on its input, unless its branches are the user's code.
bool run_machine::runs_here(const due_task& task) const {
  return task.node == plan::start_node
         && graph().nodes[plan::start_node].branches.empty();
}

void run_machine::pass_on(due_task& task) {
  --running_;
  outcome what;
  what.update.update = task.input;
  complete(task, std::move(what));
}

/// Whether a breakpoint is due: something has changed since the last one, and
/// one of the tasks is at such a node.
bool run_machine::wants_stop(const std::vector<std::string>& nodes) const {
  if (nodes.empty())
    return false;
  const auto& seen = thread_.at.interrupt_seen;
  bool changed = false;
  for (std::size_t i = 0; i < thread_.at.versions.size(); ++i)
    changed = changed
              || thread_.at.versions[i] > (seen.empty() ? version{} : seen[i]);
  return changed
         && std::any_of(tasks_.begin(), tasks_.end(), [&](const auto& task) {
              return names_node(nodes, graph(), task);
            });
}

/// Tasks that had finished before an interrupt or a crash do not run again.
void run_machine::reuse_writes() {
  for (auto& task : tasks_)
    task.writes = status_of(thread_.pending, task.id).output;
}

void run_machine::launch(due_task& task) {
  const auto& node = graph().nodes[task.node];
  task.no = ++last_task_;
  node_run::order order;
  order.no = task.no;
  order.node = task.node;
  order.id = task.id;
  order.path = path_json(graph(), task, true);
  order.step = thread_.at.step + 1;
  order.input = task.input;
  if (!node.branches.empty())
    order.state = thread_.values;
  order.answers = status_of(thread_.pending, task.id).answers;
  if (resume_) {
    order.open = resume_->open;
    auto ns = node.name + ":" + task.id;
    auto answer = resume_->by_id.find(interrupt_id(ns, order.answers.size()));
    if (answer != resume_->by_id.end())
      order.answers.push_back(answer->second);
  }
  task.run = std::make_shared<node_run>(facts_, std::move(order));
  out_.act(run_node{task.run});
}

void run_machine::complete(due_task& task, outcome what) {
  using enum outcome::kind;
  if (what.how == done) {
    auto writes = writes_of_node(task, what);
    if (!writes)
      return fail_task(task, {"InvalidUpdateError", writes.error().detail});
    task.writes = std::move(*writes);
    save(&task, task.writes);
    tell_update(task, false);
  } else if (what.how == interrupted) {
    ask_human(task, what);
  } else if (what.how == cancelled) {
    return fail_task(task, {"run_cancelled", "the node cancelled itself"});
  } else {
    return fail_task(task, std::move(what.error));
  }
  if (running_ > 0)
    return;
  bool asks = std::any_of(tasks_.begin(), tasks_.end(),
                          [](const auto& each) { return each.interrupted; });
  if (asks)
    this->interrupted(true);
  else
    step_over();
}

result<std::vector<write>> run_machine::writes_of_node(const due_task& task,
                                                       const outcome& what) {
  std::vector<write> writes;
  if (!what.answers.empty())
    writes.push_back({write::resume, json_text{list_of(what.answers)}});
  auto update = update_writes(graph(), what.update.update);
  if (!update)
    return update.error();
  writes.insert(writes.end(), update->begin(), update->end());
  auto add_targets = [&](const std::vector<target>& list) -> result<void> {
    for (const auto& each : list) {
      auto made = target_write(graph(), each);
      if (!made)
        return made.error();
      if (*made)
        writes.push_back(std::move(**made));
    }
    return {};
  };
  if (auto added = add_targets(what.update.go_to); !added)
    return added.error();
  for (auto& each : edge_writes(graph(), task.node))
    writes.push_back(std::move(each));
  if (auto added = add_targets(what.routed); !added)
    return added.error();
  if (std::all_of(writes.begin(), writes.end(),
                  [](const write& each) { return each.is_control(); }))
    writes.push_back({write::no_writes, json_text{"null"}});
  return writes;
}

void run_machine::ask_human(due_task& task, const outcome& what) {
  task.interrupted = true;
  auto ns = graph().nodes[task.node].name + ":" + task.id;
  std::string asked = "[{\"value\":" + what.question.str() + ",\"id\":\""
                      + interrupt_id(ns, what.answers.size())
                      + "\",\"response_schema\":null}]";
  std::vector<write> writes{{write::interrupt, json_text{asked}}};
  if (!what.answers.empty())
    writes.push_back({write::resume, json_text{list_of(what.answers)}});
  save(&task, std::move(writes));
  tell_interrupt(json_text{std::move(asked)});
}

void run_machine::fail_task(due_task& task, told_error error) {
  save(&task, {{write::error, json_text{json_quote(repr(error))}}});
  stop_tasks();
  fail(std::move(error.name), std::move(error.text));
}

void run_machine::step_over() {
  auto parts = parts_of(graph(), tasks_);
  auto values = std::make_shared<channel_values>(*thread_.values);
  auto done = apply(graph(), *values, thread_.at, parts, *facts_->chance);
  if (!done)
    return fail(done.error().code == errc::conflict ? "InvalidUpdateError"
                                                    : "ValueError",
                done.error().detail);
  thread_.values = std::move(values);
  bool changed
    = std::find(done->begin(),
                done->begin() + static_cast<std::ptrdiff_t>(graph().state_size),
                true)
      != done->begin() + static_cast<std::ptrdiff_t>(graph().state_size);
  if (changed)
    tell_values();
  thread_.pending.clear();
  written_.clear();
  replaying_ = false;
  put_checkpoint("loop");
  if (wants_stop(after_)) {
    tasks_ = due_after(graph(), thread_, true);
    tell_view();
    return interrupted(false);
  }
  resume_.reset();
  go_on();
}

/// A new checkpoint. With durability `exit` only the last one is sent.
void run_machine::put_checkpoint(std::string source) {
  thread_.at.step += 1;
  thread_.at.source = std::move(source);
  thread_.at.id = checkpoint_uuid(facts_->chance->now(), thread_.at.id,
                                  thread_.at.step, *facts_->chance);
  half_done_ = false;
  if (durability_ != durability::exit)
    put_now();
}

void run_machine::put_now() {
  if (facts_->temporary)
    return;
  out_.save(put_of(graph(), thread_, facts_->chance->now(),
                   metadata_of(thread_.at, facts_->checkpoint_metadata)));
  view_due_ = true;
}

/// What the API shows of the checkpoint that was put last.
void run_machine::tell_view() {
  if (std::exchange(view_due_, false))
    out_.send(view_of(graph(), thread_, tasks_));
}

/// Keeps a task's writes (or, of no task, a command's).
void run_machine::save(const due_task* task, std::vector<write> writes) {
  auto id = task ? task->id : std::string{nobody};
  if (task)
    std::erase_if(thread_.pending,
                  [&](const auto& each) { return each.task == id; });
  for (const auto& each : writes)
    thread_.pending.push_back({id, each});
  written_.insert(id);
  if (facts_->temporary)
    return;
  half_done_ = half_done_ || task != nullptr;
  if (durability_ != durability::exit)
    out_.save(writes_of(graph(), thread_.at.id, id,
                        task ? path_text(graph(), *task) : "", writes));
}

void run_machine::tell_update(const due_task& task, bool cached) {
  if (!facts_->modes.updates || task.node == plan::start_node)
    return;
  core::json_object update;
  for (const auto& each : task.writes)
    if (each.channel < graph().state_size)
      update.set(graph().channels[each.channel].name, each.value.str());
  auto text = "{" + json_quote(graph().nodes[task.node].name) + ":"
              + (update.empty() ? "null" : update.str())
              + (cached ? ",\"__metadata__\":{\"cached\":true}}" : "}");
  out_.event("updates", json_text{std::move(text)});
}

void run_machine::tell_interrupt(const json_text& interrupts) {
  auto alone = "{\"__interrupt__\":" + interrupts.str() + "}";
  const auto& modes = facts_->modes;
  if (modes.updates)
    out_.event("updates", json_text{alone});
  if (modes.values) {
    auto state = state_json(graph(), *thread_.values).str();
    auto rest = alone.substr(1);
    state.pop_back();
    state += state.size() > 1 ? "," + rest : rest;
    out_.event("values", json_text{std::move(state)});
  } else if (!modes.updates) {
    // Nobody asked for either, and the API tells interrupts all the same.
    out_.event("values", json_text{std::move(alone)});
  }
}

void run_machine::tell_values() {
  if (facts_->modes.values)
    out_.event("values", state_json(graph(), *thread_.values));
}

} // namespace heddle::graph
