#include "http/answers.hpp"
#include "http/resources.hpp"

#include <algorithm>

namespace heddle::http {

namespace {

constexpr std::int64_t history_rows_max = 1000;

/// The server makes these documents; nothing is parsed here.
reply document(const json_text& text) {
  return json_reply(text.str());
}

} // namespace

// GET /threads/{thread_id}/state?subgraphs=
// 200 the latest state; 404, 422.
void get_state(const request& req, context& ctx, responder respond) {
  auto id = path_thread(req, respond);
  if (!id)
    return;
  state_get what;
  what.subgraphs = req.query.truth("subgraphs");
  ctx.srv.get_state(*id, std::move(what),
                    answer_with(std::move(respond), ctx, document));
}

// POST /threads/{thread_id}/state
// 200 the new checkpoint; 404, 409 a run is in flight, 400, 422.
void update_state(const request& req, context& ctx, responder respond) {
  auto id = path_thread(req, respond);
  if (!id)
    return;
  auto parsed = parse_state_update(req.body);
  if (auto* what = value_or_answer(parsed, ctx, respond))
    ctx.srv.update_state(*id, std::move(*what),
                         answer_with(std::move(respond), ctx, document));
}

// GET /threads/{thread_id}/state/{checkpoint_id}?subgraphs=
// 200 the state there, empty for an unknown one; 404, 422.
void get_state_at(const request& req, context& ctx, responder respond) {
  auto id = path_thread(req, respond);
  if (!id)
    return;
  state_get what;
  what.at.id = std::string{req.params[1]};
  what.subgraphs = req.query.truth("subgraphs");
  ctx.srv.get_state(*id, std::move(what),
                    answer_with(std::move(respond), ctx, document));
}

// POST /threads/{thread_id}/state/checkpoint
// As `get_state_at`, with the checkpoint in the body.
void post_state_at(const request& req, context& ctx, responder respond) {
  auto id = path_thread(req, respond);
  if (!id)
    return;
  auto parsed = parse_state_at_checkpoint(req.body);
  if (auto* what = value_or_answer(parsed, ctx, respond))
    ctx.srv.get_state(*id, std::move(*what),
                      answer_with(std::move(respond), ctx, document));
}

// GET /threads/{thread_id}/history?limit=&before=
// 200 states, newest first; 404, 422.
void get_history(const request& req, context& ctx, responder respond) {
  auto id = path_thread(req, respond);
  if (!id)
    return;
  history_search what;
  auto limit = query_number(req, "limit", what.limit);
  if (!limit || *limit < 0)
    return respond(
      problem(422, "Invalid limit " + req.query.last("limit").value_or("")));
  what.limit = static_cast<std::uint32_t>(std::min(*limit, history_rows_max));
  what.before = req.query.last("before");
  ctx.srv.get_history(*id, std::move(what),
                      answer_with(std::move(respond), ctx, document));
}

// POST /threads/{thread_id}/history
// As `get_history`, with more to choose in the body.
void post_history(const request& req, context& ctx, responder respond) {
  auto id = path_thread(req, respond);
  if (!id)
    return;
  auto parsed = parse_history_search(req.body);
  if (auto* what = value_or_answer(parsed, ctx, respond))
    ctx.srv.get_history(*id, std::move(*what),
                        answer_with(std::move(respond), ctx, document));
}

} // namespace heddle::http
