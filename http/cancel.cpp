#include "http/answers.hpp"
#include "http/resources.hpp"
#include "http/slow_answer.hpp"

#include "heddle/render.hpp"

namespace heddle::http {

namespace {

/// What both routes read from the query.
cancel_request read_query(const request& req) {
  cancel_request what;
  what.action = parse_cancel_action(req.query.last("action").value_or(""));
  if (req.query.truth("wait"))
    what.after = answer_after::effect;
  what.cause.taken = req.query.last("reason") == "taken";
  return what;
}

/// Notes how long it took to answer.
auto stopwatch(const request& req, context& ctx, const cancel_request& what) {
  return
    [&ctx, begun = req.begun, kind = what.cause.what, action = what.action] {
      auto took = std::chrono::steady_clock::now() - begun;
      ctx.counts.cancel_answered(kind, action, took);
    };
}

reply receipt(const cancel_receipt& met) {
  auto r = json_reply(to_json(met));
  add_header(r.headers, "preference-applied", "return=representation");
  return r;
}

} // namespace

// POST /threads/{thread_id}/runs/{run_id}/cancel?action=&wait=&reason=
// 202 once the intent is durable, or with `wait` 200 once the run is over;
// 404 nothing to cancel, 422 not a UUID.
void cancel_run(const request& req, context& ctx, responder respond) {
  auto thread = path_thread(req, respond);
  if (!thread)
    return;
  auto run = path_run(req, respond);
  if (!run)
    return;
  auto what = read_query(req);
  what.what = cancel_by_ids{*thread, {*run}};
  what.cause.what = cancel_cause::kind::run_route;
  auto answered = stopwatch(req, ctx, what);
  if (what.after == answer_after::intent) {
    ctx.srv.cancel(
      std::move(what), [respond, &ctx, answered](const auto& done) {
        respond(done ? empty_reply(202) : ctx.failure(done.error()));
        answered();
      });
    return;
  }
  auto waiting = std::make_shared<slow_answer>(
    std::move(respond), ctx, locations(run_path(*thread, *run), "/join"));
  waiting->start();
  ctx.srv.cancel(std::move(what), [waiting, answered](const auto& done) {
    if (done)
      waiting->done(std::string{"{}"});
    else
      waiting->done(done.error());
    answered();
  });
}

// POST /runs/cancel?action=&wait=&dry_run=
// 204 once all intents are durable, or with `wait` once all these runs are
// over; 200 with a receipt if asked for; 404 nothing to cancel, 422 body.
void cancel_runs(const request& req, context& ctx, responder respond) {
  auto selector = parse_runs_cancel(req.body);
  auto* chosen = value_or_answer(selector, ctx, respond);
  if (!chosen)
    return;
  auto what = read_query(req);
  what.what = std::move(*chosen);
  what.cause.what = cancel_cause::kind::bulk_route;
  what.dry_run = req.query.truth("dry_run");
  what.receipt = what.dry_run || prefers(req, "return=representation");
  auto answered = stopwatch(req, ctx, what);
  auto listed = what.receipt;
  ctx.srv.cancel(std::move(what), [respond = std::move(respond), &ctx, answered,
                                   listed](const auto& done) {
    if (!done)
      respond(ctx.failure(done.error()));
    else
      respond(listed ? receipt(*done) : empty_reply(204));
    answered();
  });
}

} // namespace heddle::http
