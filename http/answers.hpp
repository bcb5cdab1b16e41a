#pragma once

#include "heddle/ids.hpp"
#include "heddle/server.hpp"
#include "http/context.hpp"
#include "http/request.hpp"
#include "http/responder.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What route handlers have in common: reading ids and numbers, and turning what
// the server answers into replies.

namespace heddle::http {

/// 422 `Invalid <noun> ID: must be a UUID`.
error not_an_id(std::string_view noun);

/// Reads parameter `at` as an id, or answers 422.
template <class Id>
std::optional<Id> path_id(const request& req, std::size_t at,
                          std::string_view noun, const responder& respond) {
  auto id = Id::parse(req.params[at]);
  if (!id)
    respond(problem(not_an_id(noun)));
  return id;
}

inline auto path_thread(const request& req, const responder& respond) {
  return path_id<thread_id>(req, 0, "thread", respond);
}
inline auto path_assistant(const request& req, const responder& respond) {
  return path_id<assistant_id>(req, 0, "assistant", respond);
}
inline auto path_run(const request& req, const responder& respond) {
  return path_id<run_id>(req, 1, "run", respond);
}

/// A parameter that is a number, as Python's `int` reads it. Absent:
/// `fallback`; not a number: `errc::bad_request` with Python's text.
result<std::int64_t> query_number(const request& req, std::string_view key,
                                  std::int64_t fallback);

/// Whether `Prefer` holds that preference.
bool prefers(const request& req, std::string_view preference);

/// `/threads/{thread}/runs/{run}`.
std::string run_path(const thread_id& thread, const run_id& run);

/// Headers: what is at `path`, and that it is followed at `path` + `verb`.
std::string locations(const std::string& path, std::string_view verb);

/// The value of `r`, or its error as an answer.
template <class T>
T* value_or_answer(result<T>& r, context& ctx, const responder& respond) {
  if (r)
    return &*r;
  respond(ctx.failure(r.error()));
  return nullptr;
}

/// Makes a callback that answers with what `render` makes of the value.
template <class Render>
auto answer_with(responder respond, context& ctx, Render render) {
  return [respond = std::move(respond), &ctx,
          render = std::move(render)](const auto& done) {
    respond(done ? render(*done) : ctx.failure(done.error()));
  };
}

/// As `answer_with`, for what has no value: 204.
inline auto answer_empty(responder respond, context& ctx) {
  return [respond = std::move(respond), &ctx](const result<void>& done) {
    respond(done ? empty_reply(204) : ctx.failure(done.error()));
  };
}

/// A JSON array of what `render` makes of each of the first `limit` rows.
template <class Row, class Render>
std::string json_array(const std::vector<Row>& rows, std::size_t limit,
                       Render render) {
  std::string text{"["};
  for (std::size_t i = 0; i < rows.size() && i < limit; ++i) {
    if (i > 0)
      text += ',';
    text += render(rows[i]);
  }
  text += ']';
  return text;
}

/// One page, with the headers that say whether there is another one: the rows
/// are one more than `limit` then.
template <class Row, class Render>
reply page(const std::vector<Row>& rows, std::uint32_t limit,
           std::uint64_t offset, Render render) {
  auto r = json_reply(json_array(rows, limit, render));
  auto more = rows.size() > limit;
  auto total = more ? offset + limit + 1 : offset + rows.size();
  if (more)
    add_header(r.headers, "x-pagination-next", std::to_string(offset + limit));
  add_header(r.headers, "x-pagination-total", std::to_string(total));
  return r;
}

} // namespace heddle::http
