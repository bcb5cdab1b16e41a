#include "http/cors.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <utility>

namespace heddle::http {

namespace {

constexpr std::string_view methods
  = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT, QUERY";

constexpr std::string_view exposed
  = "x-pagination-total, x-pagination-next, content-location";

bool is_known_method(std::string_view name) {
  while (!name.empty() && name.back() == ' ')
    name.remove_suffix(1);
  auto list = methods;
  while (!list.empty()) {
    auto one = list.substr(0, list.find(", "));
    if (one == name)
      return true;
    list.remove_prefix(std::min(list.size(), one.size() + 2));
  }
  return false;
}

} // namespace

cors_policy::cors_policy(std::vector<std::string> origins)
  : origins_(std::move(origins)),
    any_(std::find(origins_.begin(), origins_.end(), "*") != origins_.end()) {
  // nop
}

bool cors_policy::is_preflight(const request_head& head) noexcept {
  return head.method == verb::options && !head.origin.empty()
         && !head.wanted_method.empty();
}

bool cors_policy::allows(std::string_view origin) const {
  return any_
         || std::find(origins_.begin(), origins_.end(), origin)
              != origins_.end();
}

std::string cors_policy::allow_origin(std::string_view origin) const {
  std::string line;
  if (allows(origin))
    add_header(line, "access-control-allow-origin", any_ ? "*" : origin);
  return line;
}

std::string cors_policy::lines(std::string_view origin) const {
  if (origin.empty())
    return {};
  auto text = allow_origin(origin);
  add_header(text, "access-control-expose-headers", exposed);
  return text;
}

reply cors_policy::preflight(const request_head& head) const {
  std::string refused;
  auto refuse = [&](std::string_view what) {
    refused.append(refused.empty() ? "Disallowed CORS " : ", ").append(what);
  };
  if (!allows(head.origin))
    refuse("origin");
  if (!is_known_method(head.wanted_method))
    refuse("method");
  if (head.wanted_private_network == "true")
    refuse("private-network");
  auto r = refused.empty() ? text_reply(200, "OK") : text_reply(400, refused);
  r.headers = allow_origin(head.origin);
  add_header(r.headers, "access-control-allow-methods", methods);
  add_header(r.headers, "access-control-max-age", "600");
  if (!head.wanted_headers.empty())
    add_header(r.headers, "access-control-allow-headers", head.wanted_headers);
  return r;
}

} // namespace heddle::http
