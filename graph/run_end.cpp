// How a run ends: everything saved is answered first, and what runs on after
// the end is only waited for.

#include "graph/run_machine.hpp"

#include <map>

namespace heddle::graph {

/// Stops what still runs; it finishes for nobody.
void run_machine::stop_tasks() {
  for (auto& task : tasks_)
    if (task.run) {
      out_.act(stop_node{task.run});
      lost_.emplace(task.no, std::move(task.run));
      task.run = nullptr;
    }
  running_ = 0;
}

void run_machine::fail(std::string name, std::string text) {
  error_ = {std::move(name), std::move(text)};
  finish(worker::end_outcome::error);
}

/// Stopped for a human: by a node that asks, or at a breakpoint.
void run_machine::interrupted(bool by_node) {
  auto parts = parts_of(graph(), tasks_);
  if (by_node && !parts.empty()) {
    // The state as finished siblings leave it is told, and not kept.
    auto values = *thread_.values;
    auto copy = thread_.at;
    auto done = apply(graph(), values, copy, parts, *facts_->chance);
    bool changed = false;
    for (std::size_t i = 0; done && i < graph().state_size; ++i)
      changed = changed || (*done)[i];
    if (changed && facts_->modes.values)
      out_.event("values", state_json(graph(), values));
  }
  if (!by_node && facts_->modes.updates)
    out_.event("updates", json_text{"{\"__interrupt__\":[]}"});
  finish(worker::end_outcome::success);
}

void run_machine::finish(worker::end_outcome how) {
  phase_ = phase::settling;
  ended_ = how;
  beginning_.reset();
  replies_.clear();
  bool rollback
    = cancelled_ && cancelled_->action == worker::stop_action::rollback;
  if (!facts_->temporary && !refused_ && !rollback && thread_.at.exists()) {
    keep_at_exit();
    if (view_due_)
      tasks_ = due_after(graph(), thread_, true);
    tell_view();
    if (half_done_)
      out_.send(latest_of(graph(), thread_, *facts_->chance));
  }
  if (out_.settled())
    end();
}

/// With durability `exit`: the last checkpoint, and its writes.
void run_machine::keep_at_exit() {
  if (durability_ != durability::exit)
    return;
  if (thread_.at.id != thread_.at.parent) {
    put_now();
    view_due_ = false;
    out_.send(view_of(graph(), thread_, due_after(graph(), thread_, true)));
  }
  std::map<std::string, std::vector<write>> by_task;
  for (const auto& each : thread_.pending)
    if (written_.contains(each.task))
      by_task[each.task].push_back(each.what);
  for (auto& [id, writes] : by_task) {
    std::string path;
    for (const auto& task : tasks_)
      if (task.id == id)
        path = path_text(graph(), task);
    out_.save(writes_of(graph(), thread_.at.id, id, std::move(path), writes));
  }
}

void run_machine::end() {
  worker::end last;
  last.outcome = ended_;
  if (ended_ == worker::end_outcome::error) {
    last.error_name = error_.name;
    last.error_message = error_.text;
  }
  last.events = out_.events_sent();
  out_.send(std::move(last));
  phase_ = phase::ending;
  check_clean();
}

void run_machine::check_clean() {
  if (phase_ != phase::ending || !lost_.empty())
    return;
  out_.send(worker::clean{});
  phase_ = phase::gone;
}

} // namespace heddle::graph
