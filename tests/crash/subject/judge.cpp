#include "tests/crash/subject/judge.hpp"

#include <algorithm>

// What the ledger says. A line ending in `?` was asked, in `!` granted, in `-`
// refused. What was asked and not answered may have happened or not, but not
// halfway.

namespace heddle::crash {

using nlohmann::json;

namespace {

std::string text(const json& line, const char* name) {
  return line.at(name).get<std::string>();
}

thread_id thread_of(const json& line, const char* name) {
  return thread_id::parse(text(line, name)).value_or(thread_id{});
}

run_id run_of(const json& text) {
  return run_id::parse(text.get<std::string>()).value_or(run_id{});
}

} // namespace

judge::judge(const std::vector<json>& lines) {
  for (const auto& line : lines)
    take(line);
  settle();
}

void judge::require(bool holds, const std::string& what) {
  ++facts_;
  if (!holds)
    violations_.push_back(what);
}

known_run* judge::find(const std::string& id) {
  auto at = runs_.find(run_id::parse(id).value_or(run_id{}));
  return at == runs_.end() ? nullptr : &at->second;
}

std::string judge::now(const run_id& run) const {
  auto at = now_.find(run);
  return at == now_.end() ? std::string{} : at->second;
}

void judge::take(const json& line) {
  auto what = text(line, "t");
  if (what.starts_with("run?") || what == "run!" || what == "run-")
    return take_run(line);
  if (what.starts_with("cancel"))
    return take_cancel(line);
  if (what == "event")
    return take_event(line);
  if (what == "thread!")
    threads_.insert(thread_of(line, "id"));
  else if (what == "threaddel?")
    threads_delete_tried_.insert(thread_of(line, "id"));
  else if (what == "threaddel!")
    threads_deleted_.insert(thread_of(line, "id"));
  else if (what == "assistant!")
    assistants_.insert(text(line, "id"));
  else if (what == "item")
    items_.insert(text(line, "key"));
  else if (what == "patch!")
    patches_[thread_of(line, "thread")].insert(text(line, "key"));
  else if (what == "update!")
    updates_[thread_of(line, "thread")] = text(line, "id");
  else if (what == "update?")
    pictures_.erase(thread_of(line, "thread"));
  else if (what == "picture")
    pictures_[thread_of(line, "thread")]
      = {text(line, "runs"), text(line, "text")};
  else
    take_deed(line);
}

/// What was seen of one run, or done to it.
void judge::take_deed(const json& line) {
  auto what = text(line, "t");
  auto* run = line.contains("run") ? find(text(line, "run")) : nullptr;
  if (!run) // Its create was never answered.
    return;
  if (what == "start") {
    run->started = true;
    require(run->hit_before_start == 0,
            "a run was started after it had been cancelled as pending: "
              + run->id.str());
  } else if (what == "seen") {
    run->seen = text(line, "status");
  } else if (what == "finish") {
    run->may_finish = true;
  } else if (what == "put") {
    run->checkpoints.insert(text(line, "id"));
  } else if (what == "hook") {
    run->hooks.push_back(text(line, "status"));
  } else if (what == "rundel?") {
    run->delete_tried = true;
    if (!run->seen.empty()) // Else it is a rollback.
      pictures_.erase(run->thread);
  } else if (what == "rundel!") {
    run->deleted = true;
  }
}

void judge::take_run(const json& line) {
  auto op = line.at("op").get<std::uint64_t>();
  auto what = text(line, "t");
  if (what == "run?") {
    asked_[op] = line;
    return;
  }
  auto ask = asked_.at(op);
  asked_.erase(op);
  if (what == "run-")
    return;
  known_run run;
  run.id = run_of(line.at("id"));
  run.thread = thread_of(line, "thread");
  run.hold = ask.at("hold");
  run.fail = ask.at("fail");
  run.deferred = ask.at("deferred");
  run.stateless = ask.at("stateless");
  run.webhook = ask.at("webhook");
  run.may_finish = !run.hold && !run.deferred;
  by_op_[op] = run.id;
  runs_[run.id] = run;
  for (const auto& old : ask.at("cancels"))
    if (auto* other = find(old.get<std::string>()))
      other->hit = std::max(other->hit, ask.at("action").get<int>());
  auto early = early_events_.extract(op);
  if (!early.empty())
    events_[run.id] = std::move(early.mapped());
}

void judge::take_cancel(const json& line) {
  auto op = line.at("op").get<std::uint64_t>();
  auto what = text(line, "t");
  if (what == "cancel?") {
    asked_[op] = line;
    for (const auto* list : {"runs", "maybe"})
      if (line.contains(list))
        for (const auto& id : line.at(list))
          if (auto* run = find(id.get<std::string>()))
            run->tried = std::max(run->tried, line.at("action").get<int>());
    return;
  }
  if (!asked_.contains(op))
    return; // A second answer: a hasty subject's.
  auto action = asked_.at(op).at("action").get<int>();
  asked_.erase(op);
  if (what == "cancel-")
    return;
  for (const auto& id : line.at("runs"))
    if (auto* run = find(id.get<std::string>())) {
      run->hit = std::max(run->hit, action);
      if (!run->started && run->deferred)
        run->hit_before_start = run->hit;
    }
}

void judge::take_event(const json& line) {
  auto op = line.at("op").get<std::uint64_t>();
  auto at = by_op_.find(op);
  if (at == by_op_.end())
    early_events_[op].push_back(line);
  else
    events_[at->second].push_back(line);
}

/// An event that was shown before the create was answered is an answer too.
void judge::take_early_events() {
  auto early = early_events_;
  for (const auto& [op, events] : early)
    for (const auto& event : events)
      if (text(event, "name") == "metadata" && asked_.contains(op))
        take_run({{"t", "run!"},
                  {"op", op},
                  {"id", json::parse(text(event, "data")).at("run_id")},
                  {"thread", asked_.at(op).at("thread")}});
}

/// What was never answered stays open.
void judge::settle() {
  take_early_events();
  for (const auto& [op, line] : asked_) {
    open_bulk bulk;
    bulk.action = line.at("action");
    if (text(line, "t") == "run?") {
      bulk.by = thread_of(line, "thread");
      for (const auto& id : line.at("cancels"))
        if (auto* run = find(id.get<std::string>()))
          run->tried = std::max(run->tried, bulk.action);
    }
    for (const auto& id : line.at(bulk.by ? "cancels" : "runs"))
      bulk.runs.push_back(run_of(id));
    open_.push_back(std::move(bulk));
  }
  for (auto& [id, run] : runs_) {
    run.delete_tried |= threads_delete_tried_.contains(run.thread);
    run.deleted |= threads_deleted_.contains(run.thread);
    run.tried = std::max(run.tried, run.hit);
  }
}

} // namespace heddle::crash
