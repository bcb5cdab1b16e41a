#include "core/enum_words.hpp"
#include "core/extract.hpp"
#include "core/object_reader.hpp"
#include "core/paging.hpp"
#include "core/settings.hpp"
#include "heddle/requests.hpp"

namespace heddle::inline v0 {

namespace {

using namespace core;

constexpr std::array<std::string_view, 5> thread_sort_words{
  "thread_id", "status", "created_at", "updated_at", "state_updated_at"};

constexpr thread_query::key thread_sort_keys[] = {
  thread_query::key::id,
  thread_query::key::status,
  thread_query::key::created,
  thread_query::key::updated,
  thread_query::key::state_updated,
};

constexpr std::array<std::string_view, 9> thread_columns{
  "thread_id", "created_at", "updated_at", "state_updated_at", "metadata",
  "config",    "status",     "values",     "interrupts"};

/// Accepted and without effect: threads are kept until they are deleted.
void check_ttl(object_reader& from) {
  if (auto ttl = from.part("ttl")) {
    ttl->choice("strategy", ttl_words);
    ttl->number("ttl");
    from.take_problem(*ttl);
  }
}

void check_update(const request_body& update, const place& at,
                  object_reader& from) {
  object_reader part{update, at};
  auto values = part.any("values");
  auto kind = kind_of(values.or_else("null"));
  if (kind != json_kind::null && kind != json_kind::array
      && kind != json_kind::object)
    part.fail(matches_none("anyOf", part.at("values"), values.view()));
  part.string("as_node");
  part.require("as_node");
  from.take_problem(part);
}

json_text read_supersteps(object_reader& from) {
  auto steps = from.array("supersteps");
  std::size_t i = 0;
  for (auto step : slice_array(steps.view())) {
    auto at = from.at("supersteps").element(i++);
    object_reader part{{nullptr, step}, at};
    std::size_t j = 0;
    for (auto update : slice_array(part.array("updates").view()))
      check_update({nullptr, update},
                   part.at("updates").element(j++).by("ThreadSuperstepUpdate"),
                   from);
    part.require("updates");
    from.take_problem(part);
  }
  return steps;
}

thread_create read_thread(object_reader& from) {
  thread_create what;
  auto id = from.string("thread_id");
  what.metadata = read_metadata(from);
  what.if_exists_do_nothing = from.choice("if_exists", if_exists_words) == 1;
  check_ttl(from);
  what.supersteps = read_supersteps(from);
  if (id && !(what.id = thread_id::parse(*id)))
    from.fail({errc::invalid_argument, "Invalid thread ID: must be a UUID"});
  return what;
}

thread_query read_thread_filter(object_reader& from) {
  constexpr thread_status states[]
    = {thread_status::idle, thread_status::busy, thread_status::interrupted,
       thread_status::error};
  thread_query query;
  query.metadata = from.object("metadata");
  query.values = from.object("values");
  if (auto status = from.choice("status", thread_status_words))
    query.status = states[*status];
  return query;
}

void read_ids(object_reader& from, thread_query& query) {
  for (const auto& text : from.strings("ids")) {
    auto id = thread_id::parse(text);
    if (!id)
      return from.fail({errc::bad_request, "Invalid thread ID " + text});
    query.ids.push_back(*id);
  }
}

} // namespace

result<thread_create> parse_thread_create(const body_text& body) {
  return read_body(body, read_thread);
}

result<thread_patch> parse_thread_patch(const body_text& body) {
  return read_body(body, [](object_reader& from) {
    thread_patch what{read_metadata(from)};
    check_ttl(from);
    return what;
  });
}

result<thread_search> parse_thread_search(const body_text& body) {
  return read_body(body, [](object_reader& from) {
    thread_search what;
    what.query = read_thread_filter(from);
    read_paging(from, what.query, thread_sort_words, thread_sort_keys);
    what.select = from.choices("select", thread_columns);
    what.extract = read_extract(from);
    read_ids(from, what.query);
    return what;
  });
}

result<thread_query> parse_thread_count(const body_text& body) {
  return read_body(body, read_thread_filter);
}

} // namespace heddle::inline v0
