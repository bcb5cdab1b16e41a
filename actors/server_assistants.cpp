#include "actors/server_impl.hpp"
#include "actors/store_answer.hpp"
#include "core/json_object.hpp"
#include "core/settings.hpp"

#include <algorithm>
#include <utility>

// Assistants: rows of the store, and no actor has to do with them until they
// are deleted.

namespace heddle {

namespace {

using actors::answer;

json_text object_or_empty(const json_text& object) {
  return object.empty() ? json_text{"{}"} : object;
}

assistant_record new_assistant(const assistant_create& what,
                               const assistant_id& id, timestamp now) {
  auto given = core::mirror({what.config, what.context});
  assistant_record assistant;
  assistant.id = id;
  assistant.graph = what.graph;
  assistant.config = object_or_empty(given.config);
  assistant.context = object_or_empty(given.context);
  assistant.metadata = object_or_empty(what.metadata);
  assistant.created = assistant.updated = now;
  assistant.name = what.name;
  if (what.description.view() != "null")
    assistant.description = what.description;
  return assistant;
}

answer<assistant_record> insert(write_tx& tx, const assistant_record& fresh,
                                bool may_exist) {
  auto old = tx.assistant(fresh.id);
  if (old && may_exist)
    return {*old};
  if (old)
    return {
      error{errc::conflict, "Assistant " + fresh.id.str() + " already exists"}};
  tx.put_assistant(fresh);
  return {fresh};
}

/// A context alone also replaces what is configurable, and nothing else.
core::settings patched_settings(const assistant_record& old,
                                const assistant_patch& what) {
  auto config = what.config.empty() ? old.config : what.config;
  if (what.context.empty()) {
    auto configurable = core::configurable_of(what.config);
    if (configurable.empty() || configurable == "{}")
      return {config, old.context};
    return {config, json_text{std::string{configurable}}};
  }
  core::json_object changed{config.view()};
  changed.set("configurable", what.context.str());
  return {json_text{changed.str()}, what.context};
}

void patch(assistant_record& assistant, const assistant_patch& what,
           timestamp now) {
  auto settings = patched_settings(assistant, what);
  assistant.config = settings.config;
  assistant.context = settings.context;
  assistant.metadata = core::merge_objects({assistant.metadata, what.metadata});
  assistant.graph = what.graph.value_or(assistant.graph);
  assistant.name = what.name.value_or(assistant.name);
  if (what.description.view() == "null") {
    assistant.description = {};
  } else if (!what.description.empty()) {
    assistant.description = what.description;
  }
  assistant.updated = now;
  ++assistant.version;
}

} // namespace

future<assistant_record>
server::create_assistant(assistant_create what,
                         callback<assistant_record> done) {
  future later{done};
  auto& env = impl_->env;
  if (!env.graphs.knows(what.graph)) {
    done(env.graphs.not_found(what.graph));
    return later;
  }
  if (auto problem = core::check_settings(what.config, what.context)) {
    done(std::move(*problem));
    return later;
  }
  auto id = what.id.value_or(assistant_id{env.ids.random()});
  auto fresh = new_assistant(what, id, env.clock.now());
  actors::answer_from_write<assistant_record>(
    env.rows,
    [fresh, may_exist = what.if_exists_do_nothing](write_tx& tx) {
      return insert(tx, fresh, may_exist);
    },
    std::move(done));
  return later;
}

future<assistant_record>
server::get_assistant(const assistant_id& id, callback<assistant_record> done) {
  future later{done};
  actors::answer_from_read<assistant_record>(
    impl_->env.rows,
    [id](read_tx& tx) -> answer<assistant_record> {
      if (auto found = tx.assistant(id))
        return {std::move(*found)};
      return {error{errc::not_found, "Not Found"}};
    },
    std::move(done));
  return later;
}

future<std::vector<assistant_record>>
server::search_assistants(assistant_query what,
                          callback<std::vector<assistant_record>> done) {
  future later{done};
  auto& env = impl_->env;
  if (!what.graph.empty() && !env.graphs.knows(what.graph)) {
    done(env.graphs.not_found(what.graph));
    return later;
  }
  ++what.limit;
  read(
    env.rows,
    [what = std::move(what)](read_tx& tx) {
      return tx.search_assistants(what);
    },
    std::move(done));
  return later;
}

future<std::uint64_t> server::count_assistants(assistant_query what,
                                               callback<std::uint64_t> done) {
  future later{done};
  auto& env = impl_->env;
  if (!what.graph.empty() && !env.graphs.knows(what.graph)) {
    done(env.graphs.not_found(what.graph));
    return later;
  }
  read(
    env.rows,
    [what = std::move(what)](read_tx& tx) { return tx.count_assistants(what); },
    std::move(done));
  return later;
}

future<assistant_record>
server::patch_assistant(const assistant_id& id, assistant_patch what,
                        callback<assistant_record> done) {
  future later{done};
  auto& env = impl_->env;
  if (what.graph && !env.graphs.knows(*what.graph)) {
    done(env.graphs.not_found(*what.graph));
    return later;
  }
  if (auto problem = core::check_settings(what.config, what.context)) {
    done(std::move(*problem));
    return later;
  }
  actors::answer_from_write<assistant_record>(
    env.rows,
    [id, what = std::move(what),
     now = env.clock.now()](write_tx& tx) -> answer<assistant_record> {
      auto assistant = tx.assistant(id);
      if (!assistant)
        return {error{errc::not_found, "Assistant " + id.str() + " not found"}};
      patch(*assistant, what, now);
      tx.put_assistant(*assistant);
      return {std::move(*assistant)};
    },
    std::move(done));
  return later;
}

} // namespace heddle
