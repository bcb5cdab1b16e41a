#pragma once

#include "heddle/error.hpp"
#include "heddle/options.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Which webhooks may be called. Pure; any thread.

namespace heddle::inline v0 {

/// The parts of an http(s) URL.
struct webhook_url {
  bool https = false;
  std::string host; ///< Lower case; an IPv6 address without brackets.
  std::uint16_t port = 80;
  std::string target; ///< Path and query; at least `/`.
};

/// @returns `errc::invalid_argument`, with the text of the API, unless `url` is
/// an absolute http(s) URL of at most 4096 bytes without user information.
result<webhook_url> parse_webhook_url(std::string_view url);

/// Checks a URL as at creation. A host that is a name is not looked up: check
/// the addresses it resolves to with `check_webhook_address`.
/// @returns `errc::invalid_argument` with the text of the API, or nothing.
std::optional<error> check_webhook(std::string_view url, const options& rules);

/// Checks an address that a host stands for: IPv4 or IPv6 as text. Link-local,
/// metadata, multicast and reserved ones are never allowed.
/// @returns `Webhook host blocked: …`, or nothing if it may be called.
std::optional<error> check_webhook_address(std::string_view address,
                                           const options& rules);

} // namespace heddle::inline v0
