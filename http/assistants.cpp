#include "http/answers.hpp"
#include "http/resources.hpp"

#include "heddle/render.hpp"

namespace heddle::http {

namespace {

reply one_assistant(const assistant_record& found) {
  return json_reply(to_json(found));
}

} // namespace

// POST /assistants
// 200 the assistant; 404 graph, 409 id taken, 400, 422 body.
void create_assistant(const request& req, context& ctx, responder respond) {
  auto parsed = parse_assistant_create(req.body);
  if (auto* what = value_or_answer(parsed, ctx, respond))
    ctx.srv.create_assistant(
      std::move(*what), answer_with(std::move(respond), ctx, one_assistant));
}

// POST /assistants/search
// 200 a page; 404 graph, 422 body.
void search_assistants(const request& req, context& ctx, responder respond) {
  auto parsed = parse_assistant_search(req.body);
  auto* what = value_or_answer(parsed, ctx, respond);
  if (!what)
    return;
  auto limit = what->query.limit;
  auto offset = what->query.offset;
  ctx.srv.search_assistants(
    std::move(what->query),
    answer_with(
      std::move(respond), ctx,
      [limit, offset, select = std::move(what->select)](const auto& rows) {
        return page(rows, limit, offset,
                    [&](const auto& row) { return to_json(row, select); });
      }));
}

// POST /assistants/count
// 200 a number; 404 graph, 422 body.
void count_assistants(const request& req, context& ctx, responder respond) {
  auto parsed = parse_assistant_count(req.body);
  if (auto* what = value_or_answer(parsed, ctx, respond))
    ctx.srv.count_assistants(std::move(*what),
                             answer_with(std::move(respond), ctx, [](auto n) {
                               return json_reply(std::to_string(n));
                             }));
}

// GET /assistants/{assistant_id}
// 200 the assistant; 404, 422.
void get_assistant(const request& req, context& ctx, responder respond) {
  if (auto id = path_assistant(req, respond))
    ctx.srv.get_assistant(*id,
                          answer_with(std::move(respond), ctx, one_assistant));
}

// PATCH /assistants/{assistant_id}
// 200 the assistant in its new version; 404, 400, 422.
void patch_assistant(const request& req, context& ctx, responder respond) {
  auto id = path_assistant(req, respond);
  if (!id)
    return;
  auto parsed = parse_assistant_patch(req.body);
  if (auto* what = value_or_answer(parsed, ctx, respond))
    ctx.srv.patch_assistant(
      *id, std::move(*what),
      answer_with(std::move(respond), ctx, one_assistant));
}

// DELETE /assistants/{assistant_id}?delete_threads=
// 204 once its runs are cancelled and it is gone; 404, 422.
void delete_assistant(const request& req, context& ctx, responder respond) {
  if (auto id = path_assistant(req, respond))
    ctx.srv.delete_assistant(*id, req.query.truth("delete_threads"),
                             answer_empty(std::move(respond), ctx));
}

} // namespace heddle::http
