#include "graph/due.hpp"

#include "core/json_object.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace heddle::graph {

namespace {

std::string padded(std::size_t number) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%010zu", number);
  return text.data();
}

due_task pulled(const plan& of, const thread_copy& from, std::size_t node,
                const json_text& state) {
  const auto& name = of.nodes[node].name;
  due_task task;
  task.node = node;
  task.id = task_uuid(
    from.at.id, {name, std::to_string(from.at.step + 1), "__pregel_pull"});
  task.input
    = node == plan::start_node ? from.values->at[of.start_channel] : state;
  return task;
}

void add_sent(const plan& of, const thread_copy& from,
              std::vector<due_task>& to) {
  const auto& sends = from.values->at[of.tasks_channel];
  std::size_t index = 0;
  for (auto each : core::slice_array(sends.or_else("[]"))) {
    auto place = index++;
    auto packet = core::slice_object(each);
    auto name = packet ? packet->find("node") : std::nullopt;
    auto node = name ? of.node(core::unquote(*name)) : std::nullopt;
    if (!node)
      continue;
    due_task task;
    task.node = *node;
    task.sent = place;
    task.id = task_uuid(from.at.id,
                        {of.nodes[*node].name, std::to_string(from.at.step + 1),
                         "__pregel_push", std::to_string(place)});
    task.input = json_text{std::string{packet->find("input").value_or("null")}};
    to.push_back(std::move(task));
  }
}

std::string task_json(const plan& of, const due_task& task,
                      const task_status& status) {
  std::string interrupts = "[";
  for (auto each : core::slice_array(status.interrupts.or_else("[]"))) {
    core::json_object shown{each};
    shown.erase("response_schema");
    core::json_object ordered; // The id first, as states have it.
    ordered.set("id", std::string{shown.find("id").value_or("null")});
    ordered.set("value", std::string{shown.find("value").value_or("null")});
    interrupts += (interrupts.size() > 1 ? "," : "") + ordered.str();
  }
  std::string result = "null";
  if (!status.output.empty()) {
    core::json_object made;
    for (const auto& each : status.output)
      if (each.channel < of.state_size)
        made.set(of.channels[each.channel].name, each.value.str());
    result = made.str();
  }
  return "{\"id\":\"" + task.id
         + "\",\"name\":" + json_quote(of.nodes[task.node].name)
         + ",\"path\":" + path_json(of, task, false)
         + ",\"error\":" + std::string{status.error.or_else("null")}
         + ",\"interrupts\":" + interrupts
         + "],\"checkpoint\":null,\"state\":null,\"result\":" + result + "}";
}

} // namespace

std::string path_json(const plan& of, const due_task& task, bool whole) {
  if (!task.sent)
    return "[\"__pregel_pull\"," + json_quote(of.nodes[task.node].name) + "]";
  return "[\"__pregel_push\"," + std::to_string(*task.sent)
         + (whole ? ",false]" : "]");
}

std::string path_text(const plan& of, const due_task& task) {
  if (!task.sent)
    return "~__pregel_pull, " + of.nodes[task.node].name;
  return "~__pregel_push, " + padded(*task.sent) + ", 0000000000";
}

std::vector<due_task> due_after(const plan& of, const thread_copy& from,
                                bool by_name) {
  std::vector<due_task> tasks;
  if (from.at.newest().number == 0)
    return tasks;
  add_sent(of, from, tasks);
  json_text state;
  for (std::size_t i = 0; i < of.nodes.size(); ++i) {
    auto node = by_name ? of.by_name[i] : i;
    if (!triggered(of, *from.values, from.at, node))
      continue;
    if (state.empty())
      state = state_json(of, *from.values);
    tasks.push_back(pulled(of, from, node, state));
  }
  return tasks;
}

task_status status_of(const std::vector<pending_write>& pending,
                      const std::string& task) {
  task_status status;
  for (const auto& [of, what] : pending) {
    if (of != task)
      continue;
    if (what.channel == write::interrupt)
      status.interrupts = what.value;
    else if (what.channel == write::error)
      status.error = what.value;
    else if (what.channel == write::resume) {
      status.answers.clear();
      for (auto each : core::slice_array(what.value.view()))
        status.answers.emplace_back(std::string{each});
    } else {
      status.output.push_back(what);
    }
  }
  return status;
}

std::vector<json_text>
open_interrupts(const std::vector<pending_write>& pending) {
  std::vector<json_text> open;
  for (const auto& [task, what] : pending) {
    if (task == nobody || what.channel != write::interrupt
        || !status_of(pending, task).output.empty())
      continue;
    for (auto each : core::slice_array(what.value.view()))
      open.emplace_back(std::string{each});
  }
  return open;
}

json_text tasks_json(const plan& of, const std::vector<due_task>& tasks,
                     const std::vector<pending_write>& pending) {
  std::string text = "[";
  for (const auto& task : tasks)
    text += (text.size() > 1 ? "," : "")
            + task_json(of, task, status_of(pending, task.id));
  return json_text{text + "]"};
}

std::vector<std::string> names_of(const plan& of,
                                  const std::vector<due_task>& tasks) {
  std::vector<std::string> names;
  for (const auto& task : tasks)
    names.push_back(of.nodes[task.node].name);
  return names;
}

std::vector<contribution> parts_of(const plan& of,
                                   const std::vector<due_task>& tasks) {
  std::vector<std::pair<std::string, const due_task*>> order;
  for (const auto& task : tasks)
    if (!task.writes.empty())
      order.emplace_back(path_text(of, task), &task);
  std::sort(order.begin(), order.end());
  std::vector<contribution> parts;
  for (const auto& [path, task] : order)
    parts.push_back({task->node, !task->sent, &task->writes});
  return parts;
}

worker::view view_of(const plan& of, const thread_copy& at,
                     const std::vector<due_task>& tasks) {
  worker::view made;
  made.id = at.at.id;
  made.next = names_of(of, tasks);
  made.tasks = tasks_json(of, tasks, {});
  std::vector<std::string> shape;
  bool by_channel = true;
  for (std::size_t i = 0; i < of.state_size; ++i) {
    if (at.values->at[i].empty())
      continue;
    shape.push_back(of.channels[i].name);
    by_channel = by_channel && at.at.versions[i].number > 0;
  }
  if (by_channel)
    made.shape = std::move(shape);
  else
    made.values = state_json(of, *at.values);
  return made;
}

worker::latest_state latest_of(const plan& of, const thread_copy& at,
                               randomness& chance) {
  auto tasks = due_after(of, at, false);
  for (auto& task : tasks)
    task.writes = status_of(at.pending, task.id).output;
  worker::latest_state made;
  for (const auto& task : tasks)
    if (task.writes.empty())
      made.next.push_back(of.nodes[task.node].name);
  auto parts = parts_of(of, tasks);
  auto values = *at.values;
  auto copy = at.at;
  if (parts.empty() || !apply(of, values, copy, parts, chance))
    values = *at.values;
  made.values = state_json(of, values);
  made.tasks = tasks_json(of, tasks, at.pending);
  std::string interrupts;
  for (const auto& each : open_interrupts(at.pending)) {
    auto members = core::slice_object(each.view());
    if (!members)
      continue;
    interrupts += interrupts.empty() ? "" : ",";
    interrupts += "{\"id\":";
    interrupts += members->find("id").value_or("null");
    interrupts += ",\"value\":";
    interrupts += members->find("value").value_or("null");
    interrupts += "}";
  }
  made.interrupts = json_text{"[" + interrupts + "]"};
  return made;
}

} // namespace heddle::graph
