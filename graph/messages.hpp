#pragma once

#include "graph/randomness.hpp"
#include "heddle/error.hpp"
#include "heddle/json.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace heddle::graph {

/// A chat message as the API shows one: `content`, `additional_kwargs`,
/// `response_metadata`, `type`, `name`, `id`, and what its type has beside.
struct message {
  std::string type;
  std::string id;
  json_text text;
};

/// Reads what may stand for a message: an object with `type` or `role`, a pair
/// `["user", "…"]`, a text. Chunks become whole messages; a missing id is made.
/// @returns `errc::invalid_argument` if it is none of them.
result<message> read_message(std::string_view json, randomness& chance);

/// Reads one of these or a list of them.
result<std::vector<message>> read_messages(std::string_view json,
                                           randomness& chance);

/// Merges updates into the list `current` (or nothing) by their ids, as
/// LangGraph's `add_messages` does.
result<json_text> merge_messages(const json_text& current,
                                 const std::vector<json_text>& updates,
                                 randomness& chance);

/// A list of messages as JSON.
json_text messages_json(const std::vector<message>& list);

} // namespace heddle::graph
