#pragma once

#include "heddle/server.hpp"
#include "http/metrics.hpp"

#include <cstddef>
#include <string>

namespace heddle::http {

/// The two forms of `/metrics`: what the server counts and what HTTP counts.
std::string metrics_json(const metrics_snapshot& now, const metrics& counts);
/// @param connections that are open.
std::string metrics_text(const metrics_snapshot& now, const metrics& counts,
                         std::size_t connections);

} // namespace heddle::http
