#include "core/state_json.hpp"

#include "core/json_object.hpp"

#include <algorithm>

namespace heddle::core {

namespace {

std::string null_or_quoted(const std::string& text) {
  return text.empty() ? "null" : json_quote(text);
}

std::string checkpoint_json(const state_parts& state, const std::string& id) {
  if (id.empty())
    return "null";
  return "{\"checkpoint_id\":" + json_quote(id)
         + ",\"thread_id\":" + json_quote(state.thread.str())
         + ",\"checkpoint_ns\":" + json_quote(state.ns) + '}';
}

/// `{"id","value"}` of an interrupt, which may say more.
std::string shown_interrupt(std::string_view interrupt) {
  json_object all{interrupt};
  std::string shown = "{\"id\":";
  shown += all.find("id").value_or("null");
  shown += ",\"value\":";
  shown += all.find("value").value_or("null");
  return shown + '}';
}

void append(std::string& list, std::string_view element) {
  list += list.size() > 1 ? "," : "";
  list += element;
}

/// The graph library leaves the thread out of a checkpoint's metadata; the API
/// shows it there.
std::string metadata_text(const state_parts& state) {
  json_object metadata{state.metadata.view()};
  if (metadata.empty() || metadata.find("thread_id"))
    return std::string{state.metadata.or_else("null")};
  metadata.set("thread_id", json_quote(state.thread.str()));
  return metadata.str();
}

std::string state_text(const state_parts& state, std::string_view checkpoint) {
  auto created = state.created ? json_quote(format_time(*state.created))
                               : std::string{"null"};
  std::string out = "{\"values\":";
  out += state.values.or_else("{}");
  out += ",\"next\":" + json_array(state.next);
  out += ",\"tasks\":";
  out += state.tasks.or_else("[]");
  out += ",\"metadata\":";
  out += metadata_text(state);
  out += ",\"created_at\":" + created;
  out += ",\"checkpoint\":";
  out += checkpoint;
  out += ",\"parent_checkpoint\":" + checkpoint_json(state, state.parent);
  out += ",\"interrupts\":";
  out += interrupts_of(state.tasks).all.view();
  // Deprecated, still sent.
  out += ",\"checkpoint_id\":" + null_or_quoted(state.id);
  out += ",\"parent_checkpoint_id\":" + null_or_quoted(state.parent);
  return out + '}';
}

} // namespace

json_text state_json(const state_parts& state) {
  return json_text{state_text(state, checkpoint_json(state, state.id))};
}

json_text unknown_checkpoint_json(const thread_id& thread,
                                  const std::string& checkpoint) {
  state_parts state;
  state.id = checkpoint;
  auto shown = "{\"checkpoint_id\":" + json_quote(checkpoint)
               + ",\"thread_id\":" + json_quote(thread.str()) + '}';
  return json_text{state_text(state, shown)};
}

json_text history_json(const std::vector<state_parts>& states) {
  std::string out = "[";
  for (const auto& state : states)
    append(out, state_text(state, checkpoint_json(state, state.id)));
  return json_text{out + ']'};
}

json_text assemble_values(
  const std::vector<std::string>& shape,
  const std::vector<std::pair<std::string, json_text>>& channels) {
  std::string out = "{";
  for (const auto& channel : shape) {
    auto found
      = std::find_if(channels.begin(), channels.end(),
                     [&](const auto& one) { return one.first == channel; });
    if (found == channels.end() || found->second.empty())
      continue;
    append(out, json_quote(channel));
    out += ':';
    out += found->second.view();
  }
  return json_text{out + '}'};
}

state_interrupts interrupts_of(const json_text& tasks) {
  std::string by_task = "{";
  std::string all = "[";
  for (auto task : slice_array(tasks.view())) {
    json_object parts{task};
    std::string own = "[";
    for (auto one : slice_array(parts.find("interrupts").value_or(""))) {
      auto shown = shown_interrupt(one);
      append(own, shown);
      append(all, shown);
    }
    if (own.size() == 1)
      continue;
    append(by_task, parts.find("id").value_or("\"\""));
    by_task += ':';
    by_task += own + ']';
  }
  return {json_text{by_task + '}'}, json_text{all + ']'}};
}

} // namespace heddle::core
