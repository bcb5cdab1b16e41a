#pragma once

#include "heddle/error.hpp"

#include <cstdint>
#include <string>

namespace heddle::app {

/// Whether one could listen there now. Asked before anything is started or
/// written, so that the usual mistake (a second server) costs nothing; only
/// listening itself is proof.
/// - `errc::unavailable`: in use, no such address, or not allowed.
result<void> check_port(const std::string& host, std::uint16_t port);

} // namespace heddle::app
