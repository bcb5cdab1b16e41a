#include "graph/message_stream.hpp"

#include "core/json_object.hpp"

namespace heddle::graph {

namespace {

bool is_piece(const core::object_slices& given) {
  return given.text("type").value_or("").ends_with("Chunk");
}

/// The message that a piece begins, with all content so far.
std::string whole_json(const json_text& shell, const std::string& content) {
  core::json_object made{shell.view()};
  made.set("type", "\"ai\"");
  made.set("content", json_quote(content));
  made.erase("tool_call_chunks");
  made.erase("chunk_position");
  return made.str();
}

} // namespace

std::string token_json(std::string_view id, std::string_view text) {
  std::string made = "{\"content\":";
  made += json_quote(text);
  made += ",\"additional_kwargs\":{},\"response_metadata\":{},\"type\":"
          "\"AIMessageChunk\",\"name\":null,\"id\":";
  made += json_quote(id);
  made += ",\"tool_calls\":[],\"invalid_tool_calls\":[],\"usage_metadata\":"
          "null,\"tool_call_chunks\":[],\"chunk_position\":null}";
  return made;
}

std::vector<worker::event> message_stream::told(const std::string& id,
                                                std::string_view metadata,
                                                bool partial,
                                                std::string json) {
  std::vector<worker::event> events;
  if (told_.insert(id).second) {
    std::string about = "{" + json_quote(id) + ":{\"metadata\":";
    about += metadata;
    events.push_back({"messages/metadata", json_text{about + "}}"}});
  }
  events.push_back({partial ? "messages/partial" : "messages/complete",
                    json_text{"[" + std::move(json) + "]"}});
  return events;
}

std::vector<worker::event> message_stream::piece(std::string_view json,
                                                 std::string_view metadata) {
  auto given = core::slice_object(json);
  if (!given)
    return {};
  auto id = given->text("id").value_or("");
  std::lock_guard lock{mutex_};
  seen_.insert(id);
  if (tuple_) {
    std::string text = "[";
    text.reserve(json.size() + metadata.size() + 3);
    text.append(json).append(",").append(metadata).append("]");
    std::vector<worker::event> events;
    events.push_back({"messages", json_text{std::move(text)}});
    return events;
  }
  if (!is_piece(*given))
    return told(id, metadata, false, std::string{json});
  auto [at, first] = gathered_.try_emplace(id);
  if (first)
    at->second.shell = json_text{std::string{json}};
  at->second.content += given->text("content").value_or("");
  return told(id, metadata, true,
              whole_json(at->second.shell, at->second.content));
}

std::vector<worker::event> message_stream::whole(const message& what,
                                                 std::string_view metadata) {
  {
    std::lock_guard lock{mutex_};
    if (!seen_.insert(what.id).second)
      return {};
  }
  return piece(what.text.view(), metadata);
}

void message_stream::known(std::string_view list) {
  std::lock_guard lock{mutex_};
  for (auto each : core::slice_array(list))
    if (auto given = core::slice_object(each))
      seen_.insert(given->text("id").value_or(""));
}

} // namespace heddle::graph
