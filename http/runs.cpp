#include "http/answers.hpp"
#include "http/resources.hpp"
#include "http/run_follower.hpp"

#include "heddle/render.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace heddle::http {

namespace {

/// Rows of one list, whatever is asked for.
constexpr std::int64_t list_rows_max = 10'000;

constexpr std::array<std::string_view, 11> run_keys
  = {"run_id",
     "thread_id",
     "assistant_id",
     "created_at",
     "updated_at",
     "status",
     "metadata",
     "kwargs",
     "cancel_reason",
     "multitask_strategy",
     "langsmith_session_name"};

std::string quoted_list(const auto& names) {
  std::string list;
  for (const auto& name : names)
    list.append(list.empty() ? "'" : ", '").append(name).append("'");
  return list;
}

result<std::vector<std::string>> read_select(const request& req) {
  auto select = req.query.all("select");
  std::vector<std::string> unknown;
  for (const auto& name : select)
    if (std::find(run_keys.begin(), run_keys.end(), name) == run_keys.end())
      unknown.push_back(name);
  if (!unknown.empty())
    return error{errc::invalid_argument,
                 "Invalid select columns: [" + quoted_list(unknown)
                   + "]. Expected: {" + quoted_list(run_keys) + "}"};
  return select;
}

struct list_query {
  run_query query;
  std::vector<std::string> select;
  bool nothing = false; ///< A status that no run has.
};

result<list_query> read_list_query(const request& req) {
  list_query what;
  auto limit = query_number(req, "limit", 10);
  auto offset = query_number(req, "offset", 0);
  auto select = read_select(req);
  if (!limit)
    return limit.error();
  if (!offset)
    return offset.error();
  if (!select)
    return select.error();
  if (*limit < 0 || *offset < 0)
    return error{errc::invalid_argument,
                 "limit and offset must not be negative"};
  what.query.limit
    = static_cast<std::uint32_t>(std::min(*limit, list_rows_max));
  what.query.offset = static_cast<std::uint64_t>(*offset);
  what.select = std::move(*select);
  if (auto status = req.query.last("status")) {
    what.query.status = parse_run_status(*status);
    what.nothing = !what.query.status;
  }
  return what;
}

/// `on_disconnect` of someone who joins.
follow_options join_options(const request& req) {
  follow_options how;
  how.cancel_on_disconnect = req.query.truth("cancel_on_disconnect");
  return how;
}

/// Both forms: one mode or a JSON array in one parameter, or many parameters.
std::vector<std::string> read_stream_modes(const request& req) {
  std::vector<std::string> modes;
  for (auto& value : req.query.all("stream_mode")) {
    auto array = value.starts_with('[')
                   ? nlohmann::json::parse(value, nullptr, false)
                   : nlohmann::json{};
    if (!array.is_array()) {
      if (!value.empty()) // SDKs send an empty one for "all".
        modes.push_back(std::move(value));
      continue;
    }
    for (const auto& mode : array)
      if (mode.is_string())
        modes.push_back(mode.get<std::string>());
  }
  return modes;
}

/// The two ways to come to a run that exists.
void join(const request& req, context& ctx, responder respond,
          run_follower::style style, follow_options how) {
  auto thread = path_thread(req, respond);
  if (!thread)
    return;
  auto run = path_run(req, respond);
  if (!run)
    return;
  auto verb = style == run_follower::style::document ? "/join" : "/stream";
  auto headers = locations(run_path(*thread, *run), verb);
  if (req.head_only())
    return respond(follow_head(style, std::move(headers)));
  auto reader = std::make_shared<run_follower>(std::move(respond), ctx, style);
  ctx.srv.follow_run(*thread, *run, reader, std::move(how),
                     [reader, headers](const result<follower>& place) {
                       reader->opened(place, headers);
                     });
}

} // namespace

// GET /threads/{thread_id}/runs?limit=&offset=&status=&select=
// 200 runs, newest first; 404 thread; 400, 422 query.
void list_runs(const request& req, context& ctx, responder respond) {
  auto thread = path_thread(req, respond);
  if (!thread)
    return;
  auto read = read_list_query(req);
  auto* what = value_or_answer(read, ctx, respond);
  if (!what)
    return;
  what->query.thread = *thread;
  auto limit = what->nothing ? 0 : what->query.limit;
  ctx.srv.list_runs(
    what->query,
    answer_with(std::move(respond), ctx,
                [limit, select = std::move(what->select)](const auto& rows) {
                  return json_reply(
                    json_array(rows, limit, [&](const run_record& run) {
                      return to_json(run, select);
                    }));
                }));
}

// GET /threads/{thread_id}/runs/{run_id}
// 200 the run; 404, 422.
void get_run(const request& req, context& ctx, responder respond) {
  auto thread = path_thread(req, respond);
  if (!thread)
    return;
  auto run = path_run(req, respond);
  if (!run)
    return;
  ctx.srv.get_run(*thread, *run,
                  answer_with(std::move(respond), ctx, [](const auto& found) {
                    return json_reply(to_json(found));
                  }));
}

// DELETE /threads/{thread_id}/runs/{run_id}
// 204 once it is absent to all readers, and stops; 404, 422.
void delete_run(const request& req, context& ctx, responder respond) {
  auto thread = path_thread(req, respond);
  if (!thread)
    return;
  auto run = path_run(req, respond);
  if (!run)
    return;
  ctx.srv.delete_run(*thread, *run, answer_empty(std::move(respond), ctx));
}

// GET /threads/{thread_id}/runs/{run_id}/join?cancel_on_disconnect=
// 200 line feeds, then one document; 422.
void join_run(const request& req, context& ctx, responder respond) {
  auto how = join_options(req);
  how.wait = true;
  join(req, ctx, std::move(respond), run_follower::style::document,
       std::move(how));
}

// GET /threads/{thread_id}/runs/{run_id}/stream?stream_mode=
//   &cancel_on_disconnect=, header Last-Event-ID
// 200 SSE, replayed from there or live; 422.
void join_stream(const request& req, context& ctx, responder respond) {
  auto how = join_options(req);
  how.modes = read_stream_modes(req);
  if (!req.last_event_id.empty())
    how.last_event_id = std::string{req.last_event_id};
  join(req, ctx, std::move(respond), run_follower::style::events,
       std::move(how));
}

} // namespace heddle::http
