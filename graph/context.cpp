#include "graph/context.hpp"

#include "core/json_object.hpp"
#include "heddle/json_check.hpp"

namespace heddle::graph {

namespace {

/// A node's own JSON goes no further if it is none.
void require_json(const json_text& text, const char* what) {
  if (auto problem = json_problem(text.view()))
    throw std::invalid_argument{std::string{what} + " is no JSON: " + *problem};
}

item read_item(std::string_view json) {
  item made;
  auto given = core::slice_object(json);
  if (!given)
    return made;
  for (auto each : core::slice_array(given->find("namespace").value_or("[]")))
    made.space.push_back(core::unquote(each));
  made.key = given->text("key").value_or("");
  made.value = json_text{std::string{given->find("value").value_or("null")}};
  made.created_at = given->text("created_at").value_or("");
  made.updated_at = given->text("updated_at").value_or("");
  return made;
}

std::string named(const char* op, const std::vector<std::string>& space,
                  std::string_view key) {
  return "{\"op\":\"" + std::string{op} + "\",\"namespace\":"
         + core::json_array(space) + ",\"key\":" + json_quote(key);
}

} // namespace

node_run::inner_context::inner_context(const run_facts& facts,
                                       const order& task,
                                       std::shared_ptr<host> where,
                                       std::shared_ptr<wait_place> place,
                                       bool may_block)
  : facts_(facts), task_(task), host_(std::move(where)),
    place_(std::move(place)), may_block_(may_block), answers_(task.answers) {}

std::string_view node_run::inner_context::node() const {
  return facts_.graph->nodes[task_.node].name;
}

json_text node_run::inner_context::configurable(std::string_view name) const {
  return facts_.config_member("configurable", name);
}

json_text node_run::inner_context::metadata(std::string_view name) const {
  std::string text = "{" + facts_.metadata + "}";
  auto members = core::slice_object(text);
  auto found = members ? members->find(name) : std::nullopt;
  return found ? json_text{std::string{*found}} : json_text{};
}

void node_run::inner_context::emit(std::vector<worker::event> events) {
  if (place_->cancelled())
    return;
  for (auto& each : events)
    host_->emit(std::move(each), may_block_);
}

void node_run::inner_context::write(json_text data) {
  if (!facts_.modes.custom)
    return;
  require_json(data, "what a node writes");
  std::vector<worker::event> events;
  events.push_back({"custom", std::move(data)});
  emit(std::move(events));
}

void node_run::inner_context::message(json_text chunk) {
  if (!facts_.stream)
    return;
  require_json(chunk, "a message");
  emit(facts_.stream->piece(chunk.view(), message_metadata()));
}

void node_run::inner_context::token(std::string_view id,
                                    std::string_view text) {
  if (facts_.stream)
    emit(facts_.stream->piece(token_json(id, text), message_metadata()));
}

void node_run::inner_context::tell(const std::vector<graph::message>& list) {
  if (facts_.stream)
    for (const auto& each : list)
      if (each.type != "remove")
        emit(facts_.stream->whole(each, message_metadata()));
}

const std::string& node_run::inner_context::message_metadata() {
  if (!metadata_.empty())
    return metadata_;
  const auto& node = facts_.graph->nodes[task_.node];
  std::vector<std::string> triggers;
  for (auto channel : node.triggers)
    triggers.push_back(facts_.graph->channels[channel].name);
  if (task_.path.starts_with("[\"__pregel_push"))
    triggers = {"__pregel_push"};
  auto ns = json_quote(node.name + ":" + task_.id);
  metadata_ = "{" + facts_.metadata
              + ",\"langgraph_step\":" + std::to_string(task_.step)
              + ",\"langgraph_node\":" + json_quote(node.name)
              + ",\"langgraph_triggers\":" + core::json_array(triggers)
              + ",\"langgraph_path\":" + task_.path
              + ",\"langgraph_checkpoint_ns\":" + ns
              + ",\"checkpoint_ns\":" + ns + "}";
  return metadata_;
}

operation<void> node_run::inner_context::room() {
  return operation<void>{[where = host_](const completion<void>& done) {
                           where->when_room([done] { done(); });
                         },
                         place_};
}

json_text node_run::inner_context::interrupt(json_text value) {
  require_json(value, "what an interrupt asks");
  auto which = asked_++;
  if (which < answers_.size())
    return answers_[which];
  if (task_.open && !task_.open->taken.exchange(true)) {
    answers_.push_back(task_.open->value);
    return answers_.back();
  }
  question_ = std::move(value);
  throw asked_human{};
}

template <class T, class Read>
operation<T> node_run::inner_context::asked(std::string ops, Read read) {
  json_text text{"[" + std::move(ops) + "]"};
  require_json(text, "what a node asks of the store");
  return operation<T>{
    [where = host_, text, read](const completion<T>& done) {
      where->ask_store(text, [done, read](const result<json_text>& answer) {
        if (!answer)
          return done.fail(std::make_exception_ptr(
            node_error{"StoreError", answer.error().detail}));
        auto items = core::slice_array(answer->view());
        read(done, items.empty() ? std::string_view{"null"} : items.front());
      });
    },
    place_};
}

operation<std::optional<item>>
node_run::inner_context::get(std::vector<std::string> space, std::string key) {
  using found = std::optional<item>;
  return asked<found>(named("get", space, key) + "}",
                      [](const completion<found>& done, std::string_view json) {
                        if (json == "null")
                          done(std::nullopt);
                        else
                          done(read_item(json));
                      });
}

operation<void>
node_run::inner_context::put(std::vector<std::string> space, std::string key,
                             json_text value,
                             std::optional<double> ttl_minutes) {
  auto text = named("put", space, key) + ",\"value\":";
  text += value.or_else("null");
  text += ",\"ttl\":";
  text += ttl_minutes ? std::to_string(*ttl_minutes) : "null";
  return asked<void>(
    text + "}", [](const completion<void>& done, std::string_view) { done(); });
}

operation<void> node_run::inner_context::erase(std::vector<std::string> space,
                                               std::string key) {
  return put(std::move(space), std::move(key), {}, {});
}

operation<std::vector<item>> node_run::inner_context::search(item_search what) {
  auto text = "{\"op\":\"search\",\"namespace_prefix\":"
              + core::json_array(what.prefix) + ",\"filter\":";
  text += what.filter.or_else("null");
  text += ",\"limit\":" + std::to_string(what.limit)
          + ",\"offset\":" + std::to_string(what.offset) + "}";
  using list = std::vector<item>;
  return asked<list>(std::move(text),
                     [](const completion<list>& done, std::string_view json) {
                       list found;
                       for (auto each : core::slice_array(json))
                         found.push_back(read_item(each));
                       done(std::move(found));
                     });
}

} // namespace heddle::graph
