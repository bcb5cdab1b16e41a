#include "http/answers.hpp"
#include "http/resources.hpp"
#include "http/run_follower.hpp"

#include "heddle/render.hpp"

// The routes that create runs: on a thread, or on one that is made for it.

namespace heddle::http {

namespace {

using style = run_follower::style;

/// What is to be created, and where; nothing: on a thread of its own.
struct creation {
  std::optional<thread_id> thread;
  run_create what;
};

/// Answers what cannot be created. The API looks at the body first.
std::optional<creation> read_creation(const request& req, context& ctx,
                                      const responder& respond, run_kind kind) {
  auto parsed = parse_run_create(req.body, kind);
  auto* what = value_or_answer(parsed, ctx, respond);
  if (!what)
    return std::nullopt;
  creation out{std::nullopt, std::move(*what)};
  if (!is_stateless(kind)) {
    out.thread = thread_id::parse(req.params[0]);
    if (!out.thread) {
      respond(problem(422, "Invalid thread ID"));
      return std::nullopt;
    }
  }
  ctx.unknown_fields(out.what.unknown);
  out.what.request_id = req.request_id;
  return out;
}

/// Where a run is, as the API says it. A stateless run has no path of its
/// thread, except for who waits.
std::string shown_path(const run_record& run, run_kind kind, bool wait) {
  return is_stateless(kind) && !wait ? "/runs/" + run.id.str()
                                     : run_path(run.thread, run.id);
}

void create_and_leave(const request& req, context& ctx, responder respond,
                      run_kind kind) {
  auto wanted = read_creation(req, ctx, respond, kind);
  if (!wanted)
    return;
  ctx.srv.create_run(
    wanted->thread, std::move(wanted->what), nullptr, {},
    answer_with(std::move(respond), ctx, [kind](const auto& made) {
      auto r = json_reply(to_json(made.run));
      add_header(r.headers, "content-location",
                 shown_path(made.run, kind, false));
      return r;
    }));
}

void create_and_follow(const request& req, context& ctx, responder respond,
                       run_kind kind, style how_told) {
  auto wanted = read_creation(req, ctx, respond, kind);
  if (!wanted)
    return;
  auto wait = how_told == style::document;
  follow_options how;
  how.wait = wait;
  how.fallback = !is_stateless(kind); // Its thread would be gone by then.
  how.cancel_on_disconnect = wanted->what.cancel_on_disconnect;
  auto reader
    = std::make_shared<run_follower>(std::move(respond), ctx, how_told);
  ctx.srv.create_run(
    wanted->thread, std::move(wanted->what), reader, std::move(how),
    [reader, kind, wait](const result<server::created_run>& made) {
      if (!made)
        return reader->opened(made.error(), {});
      reader->opened(made->place, locations(shown_path(made->run, kind, wait),
                                            wait ? "/join" : "/stream"));
    });
}

} // namespace

// POST /threads/{thread_id}/runs
// 200 the run, pending; 404 thread or assistant, 409 busy, 400, 422 body.
void create_run(const request& req, context& ctx, responder respond) {
  create_and_leave(req, ctx, std::move(respond), run_kind::stateful);
}

// POST /threads/{thread_id}/runs/stream
// 200 SSE from the first event to the end; before that as `create_run`.
void stream_run(const request& req, context& ctx, responder respond) {
  create_and_follow(req, ctx, std::move(respond), run_kind::stateful_followed,
                    style::events);
}

// POST /threads/{thread_id}/runs/wait
// 200 line feeds, then one document; before that as `create_run`.
void wait_run(const request& req, context& ctx, responder respond) {
  create_and_follow(req, ctx, std::move(respond), run_kind::stateful_followed,
                    style::document);
}

// POST /runs
// 200 the run, pending; 404 assistant, 400, 422 body.
void create_stateless_run(const request& req, context& ctx, responder respond) {
  create_and_leave(req, ctx, std::move(respond), run_kind::stateless);
}

// POST /runs/stream
// 200 SSE; before that as `create_stateless_run`.
void stream_stateless_run(const request& req, context& ctx, responder respond) {
  create_and_follow(req, ctx, std::move(respond), run_kind::stateless_followed,
                    style::events);
}

// POST /runs/wait
// 200 line feeds, then one document; before that as `create_stateless_run`.
void wait_stateless_run(const request& req, context& ctx, responder respond) {
  create_and_follow(req, ctx, std::move(respond), run_kind::stateless_followed,
                    style::document);
}

// POST /runs/batch
// 200 the runs, in order; 404 assistant, 400, 422 body, and then none.
void create_run_batch(const request& req, context& ctx, responder respond) {
  auto parsed = parse_run_batch(req.body);
  auto* what = value_or_answer(parsed, ctx, respond);
  if (!what)
    return;
  for (const auto& one : *what)
    ctx.unknown_fields(one.unknown);
  ctx.srv.create_runs(
    std::move(*what),
    answer_with(std::move(respond), ctx, [](const auto& runs) {
      return json_reply(json_array(
        runs, runs.size(), [](const run_record& run) { return to_json(run); }));
    }));
}

} // namespace heddle::http
