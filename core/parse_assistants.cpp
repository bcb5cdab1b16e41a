#include "core/enum_words.hpp"
#include "core/object_reader.hpp"
#include "core/paging.hpp"
#include "core/settings.hpp"
#include "heddle/requests.hpp"

namespace heddle::inline v0 {

namespace {

using namespace core;

constexpr std::array<std::string_view, 5> assistant_sort_words{
  "assistant_id", "created_at", "updated_at", "name", "graph_id"};

constexpr std::array<std::string_view, 10> assistant_columns{
  "assistant_id", "graph_id",   "name",       "description", "config",
  "context",      "created_at", "updated_at", "metadata",    "version"};

constexpr assistant_query::key assistant_sort_keys[] = {
  assistant_query::key::id,      assistant_query::key::created,
  assistant_query::key::updated, assistant_query::key::name,
  assistant_query::key::graph,
};

/// A text or null.
json_text read_description(object_reader& from) {
  constexpr schema_type allowed[] = {schema_type::null, schema_type::string};
  auto value = from.any("description");
  auto kind = kind_of(value.or_else("null"));
  if (kind != json_kind::null && kind != json_kind::string)
    from.fail(not_of_types(allowed, from.at("description"), value.view()));
  return value;
}

/// The members of a config have a schema of their own, which is asked last.
json_text read_own_config(object_reader& from) {
  return read_config(from, place{});
}

assistant_create read_assistant(object_reader& from) {
  assistant_create what;
  auto id = from.string("assistant_id");
  what.graph = from.string("graph_id").value_or("");
  from.object("config");
  what.context = read_context(from);
  what.metadata = read_metadata(from);
  what.if_exists_do_nothing = from.choice("if_exists", if_exists_words) == 1;
  what.name = from.string("name").value_or("");
  if (what.name.empty())
    what.name = "Untitled";
  what.description = read_description(from);
  from.require("graph_id");
  what.config = read_own_config(from);
  if (id && !(what.id = assistant_id::parse(*id)))
    from.fail({errc::invalid_argument, "Invalid assistant ID: must be a UUID"});
  if (auto problem = check_settings(what.config, what.context))
    from.fail(std::move(*problem));
  return what;
}

assistant_query read_assistant_filter(object_reader& from) {
  assistant_query query;
  query.metadata = from.object("metadata");
  query.graph = from.string("graph_id").value_or("");
  query.name = from.string("name").value_or("");
  return query;
}

} // namespace

result<assistant_create> parse_assistant_create(const body_text& body) {
  return read_body(body, read_assistant);
}

result<assistant_patch> parse_assistant_patch(const body_text& body) {
  return read_body(body, [](object_reader& from) {
    assistant_patch what;
    what.graph = from.string("graph_id");
    from.object("config");
    what.context = read_context(from);
    what.metadata = read_metadata(from);
    what.name = from.string("name");
    what.description = from.string_as_json("description");
    what.config = read_own_config(from);
    if (auto problem = check_settings(what.config, what.context))
      from.fail(std::move(*problem));
    return what;
  });
}

result<assistant_search> parse_assistant_search(const body_text& body) {
  return read_body(body, [](object_reader& from) {
    assistant_search what;
    what.query = read_assistant_filter(from);
    read_paging(from, what.query, assistant_sort_words, assistant_sort_keys);
    what.select = from.choices("select", assistant_columns);
    return what;
  });
}

result<assistant_query> parse_assistant_count(const body_text& body) {
  return read_body(body, read_assistant_filter);
}

} // namespace heddle::inline v0
