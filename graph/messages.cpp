#include "graph/messages.hpp"

#include "core/json_object.hpp"
#include "graph/ids.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <unordered_map>

namespace heddle::graph {

namespace {

constexpr std::string_view remove_all = "__remove_all__";

struct alias {
  std::string_view from;
  std::string_view to;
};

/// Roles and chunk types, and the types that they stand for.
constexpr std::array<alias, 13> aliases{{
  {"user", "human"},
  {"HumanMessage", "human"},
  {"HumanMessageChunk", "human"},
  {"assistant", "ai"},
  {"AIMessage", "ai"},
  {"AIMessageChunk", "ai"},
  {"developer", "system"},
  {"SystemMessage", "system"},
  {"SystemMessageChunk", "system"},
  {"ToolMessage", "tool"},
  {"ToolMessageChunk", "tool"},
  {"RemoveMessage", "remove"},
  {"FunctionMessage", "function"},
}};

constexpr std::array<std::string_view, 6> types{"human", "ai",       "system",
                                                "tool",  "function", "remove"};

std::string type_of(std::string_view name) {
  for (const auto& each : aliases)
    if (each.from == name)
      return std::string{each.to};
  return std::string{name};
}

error not_a_message(std::string_view what) {
  return {errc::invalid_argument,
          "Message dict must contain 'role' and 'content' keys, got "
            + std::string{what.substr(0, 200)}};
}

class writer {
public:
  explicit writer(const core::object_slices& given) : given_(given) {}

  void member(std::string_view name, std::string_view fallback) {
    out_ += out_.size() > 1 ? ",\"" : "\"";
    out_ += name;
    out_ += "\":";
    out_ += given_.find(name).value_or(fallback);
  }

  void set(std::string_view name, std::string_view json) {
    out_ += ",\"";
    out_ += name;
    out_ += "\":";
    out_ += json;
  }

  std::string finish() { return std::move(out_) + '}'; }

private:
  const core::object_slices& given_;
  std::string out_ = "{";
};

std::string message_json(const core::object_slices& given,
                         const std::string& type, const std::string& id) {
  writer out{given};
  out.member("content", "\"\"");
  out.member("additional_kwargs", "{}");
  out.member("response_metadata", "{}");
  out.set("type", json_quote(type));
  out.member("name", "null");
  out.set("id", json_quote(id));
  if (type == "ai") {
    out.member("tool_calls", "[]");
    out.member("invalid_tool_calls", "[]");
    out.member("usage_metadata", "null");
  } else if (type == "tool") {
    out.member("tool_call_id", "null");
    out.member("artifact", "null");
    out.member("status", "\"success\"");
  }
  return out.finish();
}

message make(std::string type, std::string id, std::string json) {
  return {std::move(type), std::move(id), json_text{std::move(json)}};
}

result<message> read_object(std::string_view json, randomness& chance) {
  auto given = core::slice_object(json);
  if (!given)
    return given.error();
  auto type = given->text("type").value_or("");
  if (type.empty())
    type = given->text("role").value_or("");
  type = type_of(type);
  if (std::find(types.begin(), types.end(), type) == types.end())
    return not_a_message(json);
  auto id = given->text("id").value_or("");
  if (id.empty())
    id = random_uuid(chance);
  auto text = message_json(*given, type, id);
  return make(std::move(type), std::move(id), std::move(text));
}

/// A list as it was kept: every message has an id.
std::vector<message> read_kept(std::string_view list) {
  std::vector<message> kept;
  for (auto each : core::slice_array(list)) {
    auto given = core::slice_object(each);
    if (given)
      kept.push_back({given->text("type").value_or(""),
                      given->text("id").value_or(""),
                      json_text{std::string{each}}});
  }
  return kept;
}

/// A merge under way.
class merger {
public:
  explicit merger(std::vector<message> list) : list_(std::move(list)) {
    for (std::size_t i = 0; i < list_.size(); ++i)
      at_[list_[i].id] = i;
  }

  result<void> add(message what) {
    auto known = at_.find(what.id);
    if (known == at_.end()) {
      if (what.type == "remove")
        return error{errc::invalid_argument,
                     "Attempting to delete a message with an ID that doesn't "
                     "exist ('"
                       + what.id + "')"};
      at_[what.id] = list_.size();
      list_.push_back(std::move(what));
    } else if (what.type == "remove") {
      removed_.insert(what.id);
    } else {
      removed_.erase(what.id);
      list_[known->second] = std::move(what);
    }
    return {};
  }

  std::vector<message> finish() {
    std::erase_if(
      list_, [&](const message& each) { return removed_.contains(each.id); });
    return std::move(list_);
  }

private:
  std::vector<message> list_;
  std::unordered_map<std::string, std::size_t> at_;
  std::set<std::string> removed_;
};

result<std::vector<message>> merged(std::vector<message> left,
                                    std::vector<message> right) {
  for (auto at = right.size(); at > 0; --at)
    if (right[at - 1].type == "remove" && right[at - 1].id == remove_all)
      return std::vector<message>{
        right.begin() + static_cast<std::ptrdiff_t>(at), right.end()};
  merger merge{std::move(left)};
  for (auto& each : right)
    if (auto added = merge.add(std::move(each)); !added)
      return added.error();
  return merge.finish();
}

} // namespace

result<message> read_message(std::string_view json, randomness& chance) {
  json = core::trim(json);
  switch (core::kind_of(json)) {
    case core::json_kind::object: return read_object(json, chance);
    case core::json_kind::string: {
      std::string text = "{\"type\":\"human\",\"content\":";
      text += json;
      return read_object(text + "}", chance);
    }
    case core::json_kind::array: {
      auto pair = core::slice_array(json);
      if (pair.size() != 2)
        return not_a_message(json);
      std::string text = "{\"role\":" + std::string{pair[0]} + ",\"content\":";
      text += pair[1];
      return read_object(text + "}", chance);
    }
    default: return not_a_message(json);
  }
}

result<std::vector<message>> read_messages(std::string_view json,
                                           randomness& chance) {
  std::vector<message> list;
  json = core::trim(json);
  auto items = core::kind_of(json) == core::json_kind::array
                 ? core::slice_array(json)
                 : std::vector<std::string_view>{json};
  for (auto each : items) {
    auto read = read_message(each, chance);
    if (!read)
      return read.error();
    list.push_back(std::move(*read));
  }
  return list;
}

result<json_text> merge_messages(const json_text& current,
                                 const std::vector<json_text>& updates,
                                 randomness& chance) {
  auto list = read_kept(current.or_else("[]"));
  for (const auto& update : updates) {
    auto read = read_messages(update.view(), chance);
    if (!read)
      return read.error();
    auto next = merged(std::move(list), std::move(*read));
    if (!next)
      return next.error();
    list = std::move(*next);
  }
  return messages_json(list);
}

json_text messages_json(const std::vector<message>& list) {
  std::string text = "[";
  for (const auto& each : list) {
    text += text.size() > 1 ? "," : "";
    text += each.text.view();
  }
  return json_text{text + "]"};
}

} // namespace heddle::graph
