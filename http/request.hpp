#pragma once

#include "heddle/ids.hpp"
#include "heddle/requests.hpp"
#include "http/head.hpp"
#include "http/router.hpp"
#include "http/target.hpp"

#include <chrono>
#include <string_view>

namespace heddle::http {

/// A whole request at its route. Its views die when the handler returns; the
/// body is shared and may be kept.
struct request {
  verb method = verb::get;
  path_params params;
  query_text query;
  std::string_view prefer;
  std::string_view last_event_id;
  std::string_view request_id; ///< `[A-Za-z0-9._-]{1,128}`, or empty.
  body_text body;
  std::chrono::steady_clock::time_point begun; ///< When the head was whole.

  bool head_only() const noexcept { return method == verb::head; }
};

} // namespace heddle::http
