#include "actors/house.hpp"
#include "actors/server_impl.hpp"
#include "heddle/server.hpp"

#include <nlohmann/json.hpp>

#include <utility>

// A client's own write to a thread's state: the graph applies it.

namespace heddle {

namespace {

void add(std::string& object, std::string_view key, std::string_view value) {
  object += object.size() > 1 ? "," : "";
  object += json_quote(key) + ":";
  object += value;
}

json_text args_of(const state_update& what) {
  std::string result = "{";
  add(result, "values", what.values.or_else("null"));
  if (what.as_node)
    add(result, "as_node", json_quote(*what.as_node));
  if (what.at.id)
    add(result, "checkpoint_id", json_quote(*what.at.id));
  if (!what.at.ns.empty())
    add(result, "checkpoint_ns", json_quote(what.at.ns));
  if (!what.at.map.empty())
    add(result, "checkpoint_map", what.at.map.view());
  return json_text{result + "}"};
}

/// `{checkpoint, configurable: the same, checkpoint_id}`.
json_text answer_of(const json_text& updated) {
  auto got = nlohmann::ordered_json::parse(updated.view());
  const auto& at = got.at("checkpoint");
  nlohmann::ordered_json checkpoint;
  for (const auto* key :
       {"thread_id", "checkpoint_ns", "checkpoint_id", "checkpoint_map"})
    if (at.contains(key))
      checkpoint[key] = at[key];
  nlohmann::ordered_json result{
    {"checkpoint", checkpoint},
    {"configurable", checkpoint},
    {"checkpoint_id", checkpoint.value("checkpoint_id", "")}};
  return json_text{result.dump()};
}

} // namespace

future<json_text> server::update_state(const thread_id& id, state_update what,
                                       callback<json_text> done) {
  future later{done};
  impl_->home.threads().tell(
    id,
    actors::ask_graph{
      "update", args_of(what),
      actors::reply<json_text>{[done = std::move(done)](result<json_text> got) {
        done(got.has_error() ? std::move(got) : answer_of(*got));
      }}});
  return later;
}

} // namespace heddle
