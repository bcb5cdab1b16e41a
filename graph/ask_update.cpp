// Updates of a state, as if nodes had made them.

#include "core/json_object.hpp"
#include "graph/ask_machine.hpp"
#include "graph/command.hpp"

#include <algorithm>

namespace heddle::graph {

namespace {

json_text value_of(const core::object_slices& of, std::string_view name) {
  return json_text{std::string{of.given(name)}};
}

/// The node that updated the state last, if it was one alone.
std::optional<std::size_t> last_node(const plan& of, const position& at) {
  if (of.nodes.size() == 1)
    return plan::start_node;
  std::vector<std::pair<version, std::size_t>> seen;
  for (std::size_t node = 0; node < at.seen.size(); ++node)
    for (const auto& each : at.seen[node])
      if (each.number > 0)
        seen.emplace_back(each, node);
  if (seen.empty())
    return plan::start_node;
  std::sort(seen.begin(), seen.end());
  if (seen.size() > 1 && seen[seen.size() - 2].first == seen.back().first)
    return std::nullopt;
  return seen.back().second;
}

error invalid(std::string text) {
  return {errc::bad_request, std::move(text)};
}

} // namespace

void ask_machine::read_updates(std::string_view text) {
  auto args = core::members_of(text);
  auto steps = args.find("supersteps");
  if (!steps) {
    steps_.push_back({{value_of(args, "values"), {}, args.text("as_node")}});
    return;
  }
  for (auto step : core::slice_array(*steps)) {
    auto& updates = steps_.emplace_back();
    auto list = core::members_of(step).find("updates").value_or("[]");
    for (auto each : core::slice_array(list)) {
      auto given = core::members_of(each);
      updates.push_back({value_of(given, "values"), value_of(given, "command"),
                         given.text("as_node")});
    }
  }
}

void ask_machine::next_step() {
  if (over_)
    return;
  while (!steps_.empty() && steps_.front().empty())
    steps_.pop_front();
  if (steps_.empty()) {
    saving_ = true;
    if (out_.settled())
      updated();
    return;
  }
  done_.clear();
  due_ = due_after(graph(), thread_, true);
  if (!take_special())
    next_update();
}

/// What stands for no node: `__end__` without values drops what is due,
/// `__input__` is an input, `__copy__` a copy.
bool ask_machine::take_special() {
  const auto& first = steps_.front().front();
  bool alone = steps_.front().size() == 1;
  auto name = first.as_node.value_or("");
  bool clears = name == graph::end && first.values.empty();
  if (!clears && name != "__input__" && name != "__copy__")
    return false;
  if (!alone) {
    refuse(errc::bad_request, "Cannot apply multiple updates as " + name);
    return true;
  }
  if (clears)
    clear_tasks();
  else if (name == "__input__")
    take_input();
  else
    copy_checkpoint();
  return true;
}

void ask_machine::clear_tasks() {
  for (auto& task : due_)
    task.writes = status_of(thread_.pending, task.id).output;
  const std::vector<write> nothing;
  auto parts = parts_of(graph(), due_);
  for (const auto& task : due_)
    if (task.writes.empty())
      parts.push_back({task.node, !task.sent, &nothing});
  auto values = std::make_shared<channel_values>(*thread_.values);
  auto done = apply(graph(), *values, thread_.at, parts, *facts_->chance);
  if (!done)
    return refuse(errc::bad_request, done.error().detail);
  thread_.values = std::move(values);
  put("update", std::max<std::int64_t>(thread_.at.step, -1) + 1);
}

void ask_machine::take_input() {
  auto given = steps_.front().front().values;
  if (given.empty())
    return refuse(errc::bad_request, "Received no input writes for __start__");
  std::vector<write> writes{{graph().start_channel, std::move(given)}};
  auto values = std::make_shared<channel_values>(*thread_.values);
  auto done = apply(graph(), *values, thread_.at, {{{}, false, &writes}},
                    *facts_->chance);
  if (!done)
    return refuse(errc::bad_request, done.error().detail);
  thread_.values = std::move(values);
  put("input", thread_.at.exists() ? thread_.at.step + 1 : -1);
}

void ask_machine::copy_checkpoint() {
  if (!thread_.at.exists())
    return refuse(errc::bad_request, "Cannot copy a non-existent checkpoint");
  thread_.at.parent = thread_.loaded_parent;
  put("fork", thread_.at.step + 1);
}

void ask_machine::next_update() {
  auto& updates = steps_.front();
  while (!updates.empty()) {
    auto next = std::move(updates.front());
    updates.pop_front();
    auto node = node_of(next);
    if (!node)
      return refuse(errc::bad_request, node.error().detail);
    if (graph().nodes[*node].branches.empty() || !next.command.empty()) {
      outcome given;
      given.update.update = next.values;
      contribute(next, std::move(given));
      if (over_)
        return;
      continue;
    }
    node_run::order order;
    order.no = ++last_task_;
    order.node = *node;
    order.input = next.values;
    order.state = thread_.values;
    order.as_update = true;
    auto run = std::make_shared<node_run>(facts_, std::move(order));
    running_.emplace(std::move(next), run);
    out_.act(run_node{std::move(run)});
    return;
  }
  apply_step();
}

result<std::size_t> ask_machine::node_of(const update& what) const {
  if (!what.as_node) {
    if (steps_.front().size() + done_.size() > 0)
      return invalid("as_node is required when applying multiple updates");
    if (auto last = last_node(graph(), thread_.at))
      return *last;
    return invalid("Ambiguous update, specify as_node");
  }
  if (auto node = graph().node(*what.as_node))
    return *node;
  return invalid("Node " + *what.as_node + " does not exist");
}

actions ask_machine::finished(task_no which, outcome what) {
  if (!running_ || running_->second->no() != which)
    return {};
  auto [update, run] = std::move(*running_);
  running_.reset();
  if (over_) {
    out_.send(worker::clean{});
    return out_.take();
  }
  if (what.how != outcome::kind::done) {
    refuse(errc::bad_request, what.error.text);
  } else {
    contribute(update, std::move(what));
    next_update();
  }
  return out_.take();
}

/// Adds what an update writes to its step.
void ask_machine::contribute(const update& what, outcome given) {
  due_task task;
  task.node = *node_of(what);
  auto reuse
    = std::find_if(due_.begin(), due_.end(), [&](const due_task& each) {
        return each.node == task.node && !each.id.empty();
      });
  task.id
    = task_uuid(thread_.at.id, {"__interrupt__", std::to_string(done_.size())});
  if (reuse != due_.end())
    std::swap(task.id, reuse->id);
  auto writes = what.command.empty()
                  ? update_writes(graph(), given.update.update)
                  : command_writes(graph(), what.command.view());
  if (!writes)
    return refuse(errc::bad_request, writes.error().detail);
  for (auto& each : edge_writes(graph(), task.node))
    writes->push_back(std::move(each));
  for (const auto& to : given.routed) {
    auto made = target_write(graph(), to);
    if (!made)
      return refuse(errc::bad_request, made.error().detail);
    if (*made)
      writes->push_back(std::move(**made));
  }
  task.writes = std::move(*writes);
  done_.push_back(std::move(task));
}

void ask_machine::apply_step() {
  std::vector<contribution> parts;
  for (std::size_t i = 0; i < done_.size(); ++i) {
    const auto& task = done_[i];
    parts.push_back({task.node, false, &task.writes});
    // So that the history shows what became of the tasks that were due.
    if (thread_.at.exists() && !task.writes.empty())
      out_.save(writes_of(graph(), thread_.at.id, task.id,
                          "~__interrupt__, 000000000" + std::to_string(i % 10),
                          task.writes));
  }
  auto values = std::make_shared<channel_values>(*thread_.values);
  auto done = apply(graph(), *values, thread_.at, parts, *facts_->chance);
  if (!done)
    return refuse(errc::bad_request, done.error().detail);
  thread_.values = std::move(values);
  put("update", std::max<std::int64_t>(thread_.at.step, -1) + 1);
}

void ask_machine::put(std::string source, std::int64_t step) {
  steps_.pop_front();
  thread_.loaded_parent = thread_.at.parent;
  thread_.at.source = std::move(source);
  thread_.at.step = step;
  thread_.at.id = checkpoint_uuid(facts_->chance->now(), thread_.at.id, step,
                                  *facts_->chance);
  thread_.pending.clear();
  out_.save(put_of(graph(), thread_, facts_->chance->now(),
                   metadata_of(thread_.at, metadata_)));
  auto view = view_of(graph(), thread_, due_after(graph(), thread_, false));
  view.shape.reset();
  view.values = state_json(graph(), *thread_.values);
  views_.push_back(std::move(view));
  next_step();
}

/// Everything is stored.
void ask_machine::updated() {
  for (auto& each : views_)
    out_.send(std::move(each));
  answer(json_text{"{\"checkpoint\":{\"checkpoint_id\":\"" + thread_.at.id
                   + "\",\"thread_id\":\"" + order_.thread.str()
                   + "\",\"checkpoint_ns\":\"\"}}"});
}

} // namespace heddle::graph
