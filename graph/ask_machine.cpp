#include "graph/ask_machine.hpp"

#include "core/json_object.hpp"

#include <charconv>

namespace heddle::graph {

namespace {

std::string checkpoint_json(const thread_id& thread, std::string_view id) {
  if (id.empty())
    return "null";
  return "{\"checkpoint_id\":\"" + std::string{id} + "\",\"thread_id\":\""
         + thread.str() + "\",\"checkpoint_ns\":\"\"}";
}

std::string quoted_or_null(std::string_view id) {
  return id.empty() ? "null" : json_quote(id);
}

} // namespace

std::unique_ptr<machine> make_ask(compiled graph, worker::ask order,
                                  std::shared_ptr<randomness> chance) {
  return std::make_unique<ask_machine>(std::move(graph), std::move(order),
                                       std::move(chance));
}

json_text thread_state(const plan& of, const thread_copy& from,
                       const json_text& metadata, const thread_id& thread,
                       bool live, randomness& chance) {
  worker::latest_state shown;
  if (live) {
    shown = latest_of(of, from, chance);
  } else {
    auto tasks = due_after(of, from, false);
    shown.values = state_json(of, *from.values);
    shown.next = names_of(of, tasks);
    shown.tasks = tasks_json(of, tasks, from.pending);
    shown.interrupts = latest_of(of, from, chance).interrupts;
  }
  const auto& id = from.id;
  const auto& parent = from.loaded_parent;
  auto made
    = id.empty() ? std::string{"null"} : json_quote(format_time(time_of(id)));
  std::string text = "{\"values\":" + shown.values.str()
                     + ",\"next\":" + core::json_array(shown.next)
                     + ",\"tasks\":" + shown.tasks.str() + ",\"metadata\":";
  text += metadata.or_else("null");
  text += ",\"created_at\":" + made
          + ",\"checkpoint\":" + checkpoint_json(thread, id)
          + ",\"parent_checkpoint\":" + checkpoint_json(thread, parent)
          + ",\"interrupts\":" + shown.interrupts.str()
          + ",\"checkpoint_id\":" + quoted_or_null(id)
          + ",\"parent_checkpoint_id\":" + quoted_or_null(parent) + "}";
  return json_text{std::move(text)};
}

ask_machine::ask_machine(compiled graph, worker::ask order,
                         std::shared_ptr<randomness> chance)
  : facts_(std::make_shared<run_facts>()), order_(std::move(order)),
    thread_(empty_copy(*graph.parts())) {
  facts_->graph = graph.parts();
  facts_->chance = std::move(chance);
  facts_->thread = order_.thread;
}

void ask_machine::read_order() {
  auto args = core::members_of(order_.args.view());
  id_ = args.text("checkpoint_id");
  auto config = core::members_of(args.find("config").value_or(""));
  core::json_object members{config.find("metadata").value_or("")};
  core::json_object all{config.find("configurable").value_or("")};
  all.set("graph_id", json_quote(order_.graph));
  for (const auto& [name, value] : all) {
    auto kind = core::kind_of(value);
    bool scalar = kind != core::json_kind::object
                  && kind != core::json_kind::array
                  && kind != core::json_kind::null;
    if (scalar && !name.starts_with("__") && !name.starts_with("checkpoint_")
        && name != "thread_id" && !members.find(name))
      members.set(name, std::string{value});
  }
  auto text = members.str();
  metadata_ = text.substr(1, text.size() - 2);
  if (auto given = args.find("config"))
    facts_->config = json_text{std::string{*given}};
}

actions ask_machine::start() {
  if (over_ || asked_ != 0)
    return {};
  read_order();
  const auto& kind = order_.kind;
  compiled whole{facts_->graph};
  if (kind == "draw") {
    answer(whole.drawing());
  } else if (kind == "schemas") {
    answer(whole.schemas());
  } else if (kind == "subgraphs") {
    answer(json_text{"{}"}); // There are none.
  } else if (kind == "state" || kind == "update") {
    asked_ = out_.next_number();
    out_.send(worker::get{asked_, "", id_});
  } else if (kind == "history") {
    auto args = core::members_of(order_.args.view());
    worker::list query;
    query.req = asked_ = out_.next_number();
    query.ns = "";
    auto before = args.find("before").value_or("null");
    query.before = args.text("before");
    if (core::kind_of(before) == core::json_kind::object)
      query.before = core::members_of(before).text("checkpoint_id");
    std::uint32_t limit = 0;
    auto given = args.find("limit").value_or("");
    if (std::from_chars(given.data(), given.data() + given.size(), limit).ec
        == std::errc{})
      query.limit = limit;
    auto filter = args.find("filter").value_or("null");
    if (filter != "null")
      query.filter = json_text{std::string{filter}};
    out_.send(std::move(query));
  } else {
    refuse(errc::bad_request, "unknown ask `" + kind + "`");
  }
  return out_.take();
}

actions ask_machine::found(std::uint32_t req,
                           std::optional<worker::tuple> what) {
  if (req != asked_ || over_)
    return {};
  if (what) {
    auto read = load(graph(), *what);
    if (!read) {
      refuse(errc::bad_request, read.error().detail);
      return out_.take();
    }
    thread_ = std::move(*read);
    stored_metadata_ = what->metadata;
  }
  if (order_.kind == "state") {
    answer(thread_state(graph(), thread_, stored_metadata_, order_.thread,
                        !id_.has_value(), *facts_->chance));
  } else {
    read_updates(order_.args.view());
    next_step();
  }
  return out_.take();
}

actions ask_machine::listed(std::uint32_t req,
                            std::vector<worker::tuple> what) {
  if (req != asked_ || over_)
    return {};
  std::string text = "[";
  for (const auto& each : what) {
    auto read = load(graph(), each);
    if (!read)
      continue;
    text += text.size() > 1 ? "," : "";
    text += thread_state(graph(), *read, each.metadata, order_.thread, false,
                         *facts_->chance)
              .view();
  }
  answer(json_text{text + "]"});
  return out_.take();
}

actions ask_machine::stored(std::uint32_t seq) {
  if (out_.answered(seq) && out_.settled() && saving_ && !over_)
    updated();
  return out_.take();
}

actions ask_machine::refused(std::uint32_t seq, worker::refusal,
                             std::string text) {
  if (out_.answered(seq) && !over_)
    refuse(errc::internal, std::move(text));
  return out_.take();
}

actions ask_machine::cancel(worker::cancel) {
  if (over_)
    return {};
  if (running_ && running_->second)
    out_.act(stop_node{running_->second});
  refuse(errc::unavailable, "cancelled");
  return out_.take();
}

actions ask_machine::store_asked(json_text, store_reply done) {
  out_.act(answer_node{std::move(done),
                       error{errc::unavailable, "an update asks for nothing"}});
  return out_.take();
}

void ask_machine::answer(json_text value) {
  end(std::move(value));
}

void ask_machine::refuse(errc code, std::string text) {
  end(error{code, std::move(text)});
}

void ask_machine::end(result<json_text> what) {
  if (over_)
    return;
  over_ = true;
  out_.send(worker::answer{std::move(what)});
  if (!running_)
    out_.send(worker::clean{});
}

} // namespace heddle::graph
