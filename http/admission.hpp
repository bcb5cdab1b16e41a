#pragma once

#include "http/head.hpp"
#include "http/reply.hpp"
#include "http/router.hpp"
#include "http/target.hpp"

#include <optional>
#include <string>

namespace heddle::http {

struct context;

/// What becomes of a request once its head is read, before its body is.
struct admission {
  router::match match;
  path_parts target;
  std::optional<reply> answer; ///< Already decided; no handler is called.
};

/// Decides: preflights, keys, routes, the size that was announced, whether the
/// server still serves. `reserved`: the connection is one above the limit.
/// `scratch` keeps decoded segments and must live as long as the admission.
admission admit(const request_head& head, const context& ctx, bool reserved,
                std::string& scratch);

/// The answer to a body over the limit.
reply body_too_large(const context& ctx);

} // namespace heddle::http
