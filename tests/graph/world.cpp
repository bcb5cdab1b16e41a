#include "tests/graph/world.hpp"

#include "core/json_slice.hpp"

namespace heddle::graph::test {

std::vector<std::string> told_log::named(const std::string& name) const {
  std::vector<std::string> found;
  for (const auto& each : events)
    if (each.starts_with(name + " "))
      found.push_back(each.substr(name.size() + 1));
  return found;
}

worker::start world::order(std::string kwargs) const {
  worker::start made;
  uuid_bytes bytes{};
  bytes[15] = static_cast<std::uint8_t>(runs_ + 1);
  made.run = run_id{bytes};
  made.graph = "g";
  made.kwargs = json_text{std::move(kwargs)};
  return made;
}

told_log world::run(const compiled& graph, std::string kwargs) {
  return run(graph, order(std::move(kwargs)));
}

told_log world::run(const compiled& graph, worker::start what) {
  ++runs_;
  begin(make_run(graph, std::move(what), chance));
  turn();
  return std::move(told);
}

told_log world::ask(const compiled& graph, std::string kind, std::string args) {
  worker::ask what;
  what.kind = std::move(kind);
  what.graph = "g";
  what.args = json_text{std::move(args)};
  begin(make_ask(graph, std::move(what), chance));
  turn();
  return std::move(told);
}

void world::begin(std::unique_ptr<machine> what) {
  told = {};
  cut = false;
  to_run_.clear();
  saves = 0;
  current = std::move(what);
  perform(current->start());
}

void world::turn() {
  for (;;) {
    host->turn();
    for (auto& each : std::exchange(host->emitted, {}))
      if (current->emits() && !cut)
        told.events.push_back(each.name + " " + each.data.str());
    for (auto& [ops, done] : std::exchange(host->asked, {}))
      perform(current->store_asked(ops, done));
    if (!host->ended.empty()) {
      auto [no, what] = std::move(host->ended.front());
      host->ended.pop_front();
      if (!cut)
        perform(current->finished(no, std::move(what)));
    } else if (!to_run_.empty()) {
      auto next = to_run_.front();
      to_run_.erase(to_run_.begin());
      next->run(host);
    } else if (host->posted.empty() && (!time_passes || host->timers.empty())) {
      return;
    } else if (host->posted.empty()) {
      host->pass_to_next();
    }
  }
}

void world::perform(actions what) {
  for (auto& each : what)
    todo_.push_back(std::move(each));
  if (std::exchange(performing_, true))
    return;
  while (!todo_.empty()) {
    auto each = std::move(todo_.front());
    todo_.pop_front();
    if (cut)
      continue;
    if (auto* report = std::get_if<send_report>(&each))
      hear(std::move(report->what));
    else if (auto* run = std::get_if<run_node>(&each))
      to_run_.push_back(run->node);
    else if (auto* stop = std::get_if<stop_node>(&each))
      stop->node->cancel();
    else if (auto* answer = std::get_if<answer_node>(&each))
      answer->done(std::move(answer->value));
  }
  performing_ = false;
}

void world::hear(worker::report what) {
  std::visit(
    [this](auto& report) {
      using type = std::decay_t<decltype(report)>;
      if constexpr (std::is_same_v<type, worker::events>) {
        told.kinds.emplace_back("events");
        for (const auto& each : report.items)
          told.events.push_back(each.name + " " + each.data.str());
      } else if constexpr (std::is_same_v<type, worker::put>) {
        told.kinds.emplace_back("put");
        told.puts.push_back(report);
        keep(report);
        saved(report.seq);
      } else if constexpr (std::is_same_v<type, worker::writes>) {
        told.kinds.emplace_back("writes");
        told.writes.push_back(report);
        keep(report);
        saved(report.seq);
      } else if constexpr (std::is_same_v<type, worker::view>) {
        told.kinds.emplace_back("view");
        told.views.push_back(report);
        views_[report.id] = report;
      } else if constexpr (std::is_same_v<type, worker::get>) {
        told.kinds.emplace_back("get");
        perform(current->found(report.req, stored(report.id)));
      } else if constexpr (std::is_same_v<type, worker::list>) {
        std::vector<worker::tuple> found;
        for (auto at = rows_.rbegin(); at != rows_.rend(); ++at)
          if (!report.limit || found.size() < *report.limit)
            found.push_back(*stored(at->first));
        perform(current->listed(report.req, std::move(found)));
      } else if constexpr (std::is_same_v<type, worker::store_ops>) {
        perform(current->store_answered(
          report.req, json_text{answer_store(report.ops.str())}));
      } else if constexpr (std::is_same_v<type, worker::latest_state>) {
        told.kinds.emplace_back("state");
        told.state = report;
      } else if constexpr (std::is_same_v<type, worker::end>) {
        told.kinds.emplace_back("end");
        told.end = report;
      } else if constexpr (std::is_same_v<type, worker::answer>) {
        told.kinds.emplace_back("answer");
        told.answer = report;
      } else if constexpr (std::is_same_v<type, worker::clean>) {
        told.kinds.emplace_back("clean");
        told.clean = true;
      } else if constexpr (std::is_same_v<type, worker::started>) {
        told.kinds.emplace_back("started");
      } else if constexpr (std::is_same_v<type, worker::cancelling>) {
        told.kinds.emplace_back("cancelling");
      }
    },
    what);
}

void world::keep(const worker::put& what) {
  rows_[what.id].put = what;
  for (const auto& each : what.values)
    values_[{each.channel, each.version}] = each;
}

void world::keep(const worker::writes& what) {
  auto& kept = writes_[what.id];
  for (const auto& each : what.items) {
    std::pair key{what.task, each.idx};
    if (each.idx < 0 || !kept.contains(key))
      kept[key] = {what.task, what.path, each.idx, each.channel, each.data};
  }
}

void world::saved(std::uint32_t seq) {
  if (hold_saves) {
    held.push_back(seq);
    return;
  }
  if (cut_after && ++saves > *cut_after) {
    cut = true;
    return;
  }
  perform(current->stored(seq));
}

std::optional<worker::tuple>
world::stored(const std::optional<std::string>& id) const {
  auto at = id              ? rows_.find(*id)
            : rows_.empty() ? rows_.end()
                            : std::prev(rows_.end());
  if (at == rows_.end())
    return std::nullopt;
  const auto& put = at->second.put;
  worker::tuple found;
  found.id = put.id;
  found.parent = put.parent;
  found.head = put.head;
  found.metadata = put.metadata;
  for (const auto& [channel, version] : put.versions)
    if (auto value = values_.find({channel, version}); value != values_.end())
      found.values.push_back({channel, version, value->second.data});
  if (auto writes = writes_.find(put.id); writes != writes_.end())
    for (const auto& [key, each] : writes->second)
      found.writes.push_back(each);
  return found;
}

std::string world::values() const {
  const auto& put = rows_.rbegin()->second.put;
  auto view = views_.find(put.id);
  if (view != views_.end() && !view->second.shape)
    return view->second.values.str();
  // A cut may come between a checkpoint and its view: then what it holds.
  std::vector<std::string> shape;
  for (const auto& [channel, version] : put.versions)
    if (auto value = values_.find({channel, version});
        value != values_.end() && !value->second.json.empty())
      shape.push_back(channel);
  if (view != views_.end())
    shape = *view->second.shape;
  std::string text = "{";
  for (const auto& name : shape)
    for (const auto& [channel, version] : put.versions)
      if (channel == name)
        text += (text.size() > 1 ? "," : "") + json_quote(name) + ":"
                + values_.at({channel, version}).json.str();
  return text + "}";
}

std::string world::answer_store(const std::string& ops) {
  std::string text = "[";
  for (auto op : core::slice_array(ops)) {
    auto given = core::slice_object(op);
    auto kind = *given->find("op");
    auto key = std::string{given->find("key").value_or("")};
    std::string answer = "null";
    if (kind == "\"put\"" && *given->find("value") == "null")
      items.erase(key);
    else if (kind == "\"put\"")
      items[key] = "{\"namespace\":[\"n\"],\"key\":" + key
                   + ",\"value\":" + std::string{*given->find("value")}
                   + ",\"created_at\":\"t\",\"updated_at\":\"t\"}";
    else if (kind == "\"get\"" && items.contains(key))
      answer = items[key];
    else if (kind == "\"search\"") {
      answer = "[";
      for (const auto& [name, each] : items)
        answer += (answer.size() > 1 ? "," : "") + each;
      answer += "]";
    }
    text += (text.size() > 1 ? "," : "") + answer;
  }
  return text + "]";
}

} // namespace heddle::graph::test
