#include "heddle/json.hpp"
#include "http/reply.hpp"

namespace heddle::http {

unsigned status_of(errc code) noexcept {
  switch (code) {
    case errc::not_found: return 404;
    case errc::conflict: return 409;
    case errc::invalid_argument: return 422;
    case errc::bad_request: return 400;
    case errc::too_large: return 413;
    case errc::unavailable: return 503;
    case errc::not_built: return 501;
    case errc::no_space: return 507;
    case errc::forbidden: return 403;
    case errc::internal: return 500;
    case errc::made_in_part: return 201;
  }
  return 500;
}

reply problem(unsigned status, std::string_view detail) {
  reply r;
  r.status = status;
  r.type = "application/json";
  r.body = "{\"detail\":" + json_quote(detail) + "}";
  if (status == 503)
    add_header(r.headers, "retry-after", "1");
  return r;
}

reply problem(const error& why) {
  // What went wrong inside is for the log (`http_options::on_failure`).
  if (why.code == errc::internal)
    return problem(500, "Internal Server Error");
  return problem(status_of(why.code), why.detail);
}

} // namespace heddle::http
