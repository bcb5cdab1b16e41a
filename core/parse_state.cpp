#include "core/object_reader.hpp"
#include "core/paging.hpp"
#include "heddle/requests.hpp"

namespace heddle::inline v0 {

namespace {

using namespace core;

constexpr std::string_view checkpoint_schema = "CheckpointConfig";

/// `checkpoint`, and the older `checkpoint_id` beside it.
checkpoint_selector read_selector(object_reader& from) {
  checkpoint_selector at;
  if (auto part
      = from.part("checkpoint", from.at("checkpoint").by(checkpoint_schema))) {
    part->string("thread_id"); // That of the path counts.
    at.ns = part->string("checkpoint_ns").value_or("");
    at.id = part->string("checkpoint_id");
    at.map = part->object("checkpoint_map");
    from.take_problem(*part);
  }
  if (!at.id)
    at.id = from.string("checkpoint_id");
  return at;
}

/// A checkpoint, or its id alone.
std::optional<std::string> read_before(object_reader& from) {
  auto value = from.raw("before");
  if (!value || *value == "null")
    return std::nullopt;
  if (kind_of(*value) == json_kind::string)
    return unquote(*value);
  auto part = from.part("before", from.at("before").by(checkpoint_schema));
  if (!part)
    return std::nullopt;
  auto id = part->string("checkpoint_id");
  // As a RunnableConfig, which older clients send.
  if (!id && part->has("configurable")) {
    if (auto configurable = part->part("configurable"))
      id = configurable->string("checkpoint_id");
  }
  from.take_problem(*part);
  return id;
}

} // namespace

result<state_update> parse_state_update(const body_text& body) {
  return read_body(body, [](object_reader& from) {
    state_update what;
    what.values = from.any("values");
    auto kind = kind_of(what.values.or_else("null"));
    if (kind != json_kind::null && kind != json_kind::array
        && kind != json_kind::object)
      from.fail(matches_none("anyOf", from.at("values"), what.values.view()));
    what.at = read_selector(from);
    what.as_node = from.string("as_node");
    return what;
  });
}

result<state_get> parse_state_at_checkpoint(const body_text& body) {
  return read_body(body, [](object_reader& from) {
    state_get what;
    what.at = read_selector(from);
    what.subgraphs = from.boolean("subgraphs").value_or(false);
    from.require("checkpoint");
    return what;
  });
}

result<history_search> parse_history_search(const body_text& body) {
  return read_body(body, [](object_reader& from) {
    history_search what;
    if (auto limit = from.integer("limit", limit_bounds))
      what.limit = static_cast<std::uint32_t>(*limit);
    what.before = read_before(from);
    what.metadata = from.object("metadata");
    what.ns = read_selector(from).ns;
    return what;
  });
}

} // namespace heddle::inline v0
