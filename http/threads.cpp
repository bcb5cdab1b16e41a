#include "http/answers.hpp"
#include "http/resources.hpp"

#include "heddle/render.hpp"

namespace heddle::http {

namespace {

reply one_thread(const thread_record& found) {
  return json_reply(to_json(found));
}

} // namespace

// POST /threads
// 200 the thread, 201 if only its first states failed; 409 id taken, 422 body.
void create_thread(const request& req, context& ctx, responder respond) {
  auto parsed = parse_thread_create(req.body);
  if (auto* what = value_or_answer(parsed, ctx, respond))
    ctx.srv.create_thread(std::move(*what),
                          answer_with(std::move(respond), ctx, one_thread));
}

// POST /threads/search
// 200 a page; 422 body.
void search_threads(const request& req, context& ctx, responder respond) {
  auto parsed = parse_thread_search(req.body);
  auto* what = value_or_answer(parsed, ctx, respond);
  if (!what)
    return;
  auto limit = what->query.limit;
  auto offset = what->query.offset;
  ctx.srv.search_threads(
    std::move(what->query),
    answer_with(std::move(respond), ctx,
                [limit, offset, select = std::move(what->select),
                 extract = std::move(what->extract)](const auto& rows) {
                  return page(rows, limit, offset, [&](const auto& row) {
                    return to_json(row, select, extract);
                  });
                }));
}

// POST /threads/count
// 200 a number; 422 body.
void count_threads(const request& req, context& ctx, responder respond) {
  auto parsed = parse_thread_count(req.body);
  if (auto* what = value_or_answer(parsed, ctx, respond))
    ctx.srv.count_threads(std::move(*what),
                          answer_with(std::move(respond), ctx, [](auto n) {
                            return json_reply(std::to_string(n));
                          }));
}

// GET /threads/{thread_id}
// 200 the thread; 404, 422.
void get_thread(const request& req, context& ctx, responder respond) {
  if (auto id = path_thread(req, respond))
    ctx.srv.get_thread(*id, answer_with(std::move(respond), ctx, one_thread));
}

// PATCH /threads/{thread_id}, header Prefer
// 200 the thread, or 204 with `return=minimal`; 404, 422.
void patch_thread(const request& req, context& ctx, responder respond) {
  auto id = path_thread(req, respond);
  if (!id)
    return;
  auto parsed = parse_thread_patch(req.body);
  auto minimal = prefers(req, "return=minimal");
  if (auto* what = value_or_answer(parsed, ctx, respond))
    ctx.srv.patch_thread(
      *id, std::move(*what),
      answer_with(std::move(respond), ctx, [minimal](const auto& found) {
        return minimal ? empty_reply(204) : one_thread(found);
      }));
}

// DELETE /threads/{thread_id}
// 204 once it is absent to all readers, and what runs on it stops; 404, 422.
void delete_thread(const request& req, context& ctx, responder respond) {
  if (auto id = path_thread(req, respond))
    ctx.srv.delete_thread(*id, answer_empty(std::move(respond), ctx));
}

// POST /threads/{thread_id}/copy
// 200 the copy; 409 no such thread, 422.
void copy_thread(const request& req, context& ctx, responder respond) {
  if (auto id = path_thread(req, respond))
    ctx.srv.copy_thread(
      *id, answer_with(std::move(respond), ctx, [](const auto& copy) {
        // As the API has it: its state is read on its own.
        static const std::vector<std::string> shown{
          "thread_id", "created_at", "updated_at", "state_updated_at",
          "metadata",  "status",     "config"};
        return json_reply(to_json(copy, shown));
      }));
}

} // namespace heddle::http
