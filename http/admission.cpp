#include "http/admission.hpp"

#include "http/context.hpp"
#include "http/cors.hpp"

namespace heddle::http {

namespace {

/// What a request without a use for a body may bring along, to be discarded.
constexpr std::size_t useless_body_bytes_max = 64U << 10U;

reply redirect_without_slash(const request_head& head,
                             const path_parts& target) {
  auto r = empty_reply(307);
  std::string place;
  if (!head.host.empty())
    place.append("http://").append(head.host);
  place.append(target.path.substr(0, target.path.size() - 1));
  if (!target.query.empty())
    place.append("?").append(target.query);
  add_header(r.headers, "location", place);
  return r;
}

reply no_route(const request_head& head, const admission& a) {
  if (!a.match.found && a.match.allowed.empty())
    return problem(404, "Not Found");
  // A slash too many: routes of the API send to where it should have gone.
  if (a.target.slash_at_end)
    return a.match.api ? redirect_without_slash(head, a.target)
                       : problem(404, "Not Found");
  auto r = problem(405, "Method Not Allowed");
  add_header(r.headers, "allow", a.match.allowed);
  return r;
}

std::optional<reply> check_key(const request_head& head, const context& ctx,
                               const route* found) {
  if (ctx.keys.empty() || (found && found->has(route_trait::open)))
    return std::nullopt;
  if (head.api_key.empty())
    return problem(403, "Missing authentication headers");
  if (!ctx.keys.fits(head.api_key))
    return problem(403, "Invalid API key");
  return std::nullopt;
}

/// @param found the route; null: there is none.
std::optional<reply> check_load(const context& ctx, const route* found,
                                bool reserved) {
  auto has = [found](route_trait trait) { return found && found->has(trait); };
  if (!ctx.srv.accepting() && !has(route_trait::always)) {
    auto stopping = problem(503, "The server is shutting down");
    stopping.close = true;
    return stopping;
  }
  if (reserved && !has(route_trait::reserved)) {
    auto full = problem(503, "Too many connections");
    full.close = true;
    return full;
  }
  return std::nullopt;
}

std::optional<reply> check_size(const request_head& head, const context& ctx) {
  if (!head.content_length)
    return std::nullopt;
  auto useless = head.method == verb::get || head.method == verb::head;
  auto limit = useless ? useless_body_bytes_max : ctx.opts.body_bytes_max;
  if (*head.content_length > limit)
    return body_too_large(ctx);
  return std::nullopt;
}

} // namespace

reply body_too_large(const context& ctx) {
  auto r
    = problem(413, "Request body too large (limit: "
                     + std::to_string(ctx.opts.body_bytes_max) + " bytes)");
  r.close = true;
  return r;
}

admission admit(const request_head& head, const context& ctx, bool reserved,
                std::string& scratch) {
  admission a;
  if (cors_policy::is_preflight(head)) {
    a.answer = ctx.cors.preflight(head);
    return a;
  }
  auto target = split_target(head.target, scratch);
  if (!target) {
    a.answer = problem(400, "Bad Request");
    a.answer->close = true;
    return a;
  }
  a.target = *target;
  if (!a.target.too_many)
    a.match = ctx.routes.find(head.method, a.target.segments());
  a.answer = check_key(head, ctx, a.match.found);
  if (!a.answer)
    a.answer = check_load(ctx, a.match.found, reserved);
  if (!a.answer && (!a.match.found || a.target.slash_at_end))
    a.answer = no_route(head, a);
  if (!a.answer)
    a.answer = check_size(head, ctx);
  return a;
}

} // namespace heddle::http
