#include "heddle/webhook_policy.hpp"

#include "core/address_range.hpp"

#include <algorithm>
#include <charconv>

namespace heddle::inline v0 {

namespace {

using core::ip_range;

constexpr std::size_t url_size_max = 4096;

error refused(std::string why) {
  return {errc::invalid_argument, std::move(why)};
}

error blocked(std::string_view why) {
  return refused("Webhook host blocked: " + std::string{why});
}

error bad_host(std::string_view host) {
  return refused("Invalid webhook hostname '" + std::string{host} + '\'');
}

std::string lower(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

bool is_visible_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c < '\x7f'; });
}

bool is_host_name(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'
           || c == '_' || c == '.';
  });
}

/// `host[:port]`, cut in two.
struct authority {
  std::string host;
  std::string_view port;
};

result<authority> split(std::string_view text) {
  if (text.starts_with('[')) {
    auto end = text.find(']');
    auto inside = text.substr(1, end == std::string_view::npos ? 0 : end - 1);
    auto rest = text.substr(std::min(inside.size() + 2, text.size()));
    if (!core::parse_ip(inside) || inside.find(':') == std::string_view::npos
        || (!rest.empty() && rest.front() != ':'))
      return bad_host(text);
    return authority{lower(inside), rest.substr(rest.empty() ? 0 : 1)};
  }
  auto colon = text.find(':');
  auto host = lower(text.substr(0, colon));
  if (!is_host_name(host))
    return bad_host(host);
  bool has_port = colon != std::string_view::npos;
  return authority{std::move(host), has_port ? text.substr(colon + 1) : ""};
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  auto end = text.data() + text.size();
  auto got = std::from_chars(text.data(), end, port);
  if (got.ec != std::errc{} || got.ptr != end || port == 0)
    return std::nullopt;
  return port;
}

bool is_name_of(std::string_view host, std::string_view domain) {
  if (host.ends_with('.'))
    host.remove_suffix(1);
  return host == domain
         || (host.ends_with(domain)
             && host[host.size() - domain.size() - 1] == '.');
}

/// Names that need no look-up to be refused.
std::optional<error> check_name(std::string_view host, const options& rules) {
  if (is_name_of(host, "localhost") && !rules.webhook_loopback)
    return blocked("localhost address");
  if (is_name_of(host, "metadata.google.internal") || host == "metadata")
    return blocked("metadata service");
  return std::nullopt;
}

std::optional<error> check_range(ip_range range, const options& rules) {
  switch (range) {
    case ip_range::open: return std::nullopt;
    case ip_range::loopback:
      if (rules.webhook_loopback)
        return std::nullopt;
      return blocked("loopback IP range");
    case ip_range::unspecified: return blocked("unspecified IP range");
    case ip_range::own_net:
      if (rules.webhook_private)
        return std::nullopt;
      return blocked("private IP range");
    case ip_range::link_local: return blocked("link-local IP range");
    case ip_range::reserved: break;
  }
  return blocked("reserved IP range");
}

} // namespace

result<webhook_url> parse_webhook_url(std::string_view url) {
  if (url.size() > url_size_max)
    return refused("Webhook URL too long");
  if (url.find("//") == std::string_view::npos && !url.starts_with('/'))
    return bad_host("");
  if (!is_visible_ascii(url) || url.find('\\') != std::string_view::npos)
    return refused("Invalid webhook URL");
  auto colon = url.find("://");
  if (colon == std::string_view::npos || url.starts_with('/'))
    return blocked("relative URL");
  auto scheme = lower(url.substr(0, colon));
  if (scheme != "http" && scheme != "https")
    return blocked("scheme '" + scheme + "' not allowed");
  auto rest = url.substr(colon + 3);
  auto path = std::min(rest.find_first_of("/?#"), rest.size());
  if (rest.substr(0, path).find('@') != std::string_view::npos)
    return refused("Webhook URL must not contain user information");
  auto where = split(rest.substr(0, path));
  if (!where)
    return where.error();
  webhook_url parts;
  parts.https = scheme == "https";
  parts.port = parts.https ? 443 : 80;
  if (!where->port.empty()) {
    auto port = parse_port(where->port);
    if (!port)
      return refused("Webhook port " + std::string{where->port}
                     + " not allowed");
    parts.port = *port;
  }
  parts.host = std::move(where->host);
  auto target = rest.substr(path);
  target = target.substr(0, target.find('#'));
  parts.target = target.starts_with('/') ? "" : "/";
  parts.target += target;
  return parts;
}

std::optional<error> check_webhook(std::string_view url, const options& rules) {
  auto parts = parse_webhook_url(url);
  if (!parts)
    return parts.error();
  if (rules.webhook_https && !parts->https)
    return refused("Webhook must use https");
  std::string_view host = parts->host;
  auto bare = host.ends_with('.') ? host.substr(0, host.size() - 1) : host;
  if (core::parse_ip(bare))
    return check_webhook_address(bare, rules);
  // A name whose last part is a number is a broken address to every resolver.
  auto last = bare.substr(bare.rfind('.') + 1);
  if (last.empty() || core::parse_ip(last))
    return bad_host(host);
  return check_name(host, rules);
}

std::optional<error> check_webhook_address(std::string_view address,
                                           const options& rules) {
  // A zone names an interface, so it is not anyone's address.
  auto ip = core::parse_ip(address.substr(0, address.find('%')));
  if (!ip)
    return bad_host(address);
  return check_range(core::range_of(*ip), rules);
}

} // namespace heddle::inline v0
