#include "http/answers.hpp"
#include "http/resources.hpp"
#include "http/run_follower.hpp"

#include "heddle/render.hpp"

namespace heddle::http {

namespace {

/// What a stateless stream says of where it is. The wait names the thread too.
std::string locations(const run_record& run, bool wait) {
  auto path = wait ? run_path(run.thread, run.id) : "/runs/" + run.id.str();
  std::string lines;
  add_header(lines, "location", path + (wait ? "/join" : "/stream"));
  add_header(lines, "content-location", path);
  return lines;
}

void create_and_follow(const request& req, context& ctx, responder respond,
                       run_follower::style style) {
  auto parsed = parse_run_create(req.body, run_kind::stateless_followed);
  auto* what = value_or_answer(parsed, ctx, respond);
  if (!what)
    return;
  ctx.unknown_fields(what->unknown);
  what->request_id = req.request_id;
  follow_options how;
  how.wait = style == run_follower::style::document;
  how.fallback = false; // The thread is gone by then.
  how.cancel_on_disconnect = what->cancel_on_disconnect;
  auto wait = how.wait;
  auto reader = std::make_shared<run_follower>(std::move(respond), ctx, style);
  ctx.srv.create_run(std::nullopt, std::move(*what), reader, std::move(how),
                     [reader, wait](const result<server::created_run>& made) {
                       if (!made)
                         return reader->opened(made.error(), {});
                       reader->opened(made->place, locations(made->run, wait));
                     });
}

} // namespace

// POST /runs
// 200 the run, pending; 404 assistant, 400, 422 body.
void create_stateless_run(const request& req, context& ctx, responder respond) {
  auto parsed = parse_run_create(req.body, run_kind::stateless);
  auto* what = value_or_answer(parsed, ctx, respond);
  if (!what)
    return;
  ctx.unknown_fields(what->unknown);
  what->request_id = req.request_id;
  ctx.srv.create_run(std::nullopt, std::move(*what), nullptr, {},
                     answer_with(std::move(respond), ctx, [](const auto& made) {
                       auto r = json_reply(to_json(made.run));
                       add_header(r.headers, "content-location",
                                  "/runs/" + made.run.id.str());
                       return r;
                     }));
}

// POST /runs/stream
// 200 SSE; before that as `create_stateless_run`.
void stream_stateless_run(const request& req, context& ctx, responder respond) {
  create_and_follow(req, ctx, std::move(respond), run_follower::style::events);
}

// POST /runs/wait
// 200 line feeds, then one document; before that as `create_stateless_run`.
void wait_stateless_run(const request& req, context& ctx, responder respond) {
  create_and_follow(req, ctx, std::move(respond),
                    run_follower::style::document);
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
