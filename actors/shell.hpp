#pragma once

#include "heddle/log.hpp"

#include <exception>
#include <string_view>
#include <utility>

namespace heddle::actors {

/// Runs the body of a handler. CAF 0.17 ends an actor whose handler throws and
/// prints to stdout; here the error is logged as any other, and `died` lets the
/// actor clean up after itself.
template <class Body, class Died>
void guarded(const log_sink& log, std::string_view actor, Body&& body,
             Died&& died) {
  try {
    std::forward<Body>(body)();
    return;
  } catch (const std::exception& why) {
    log(log_level::error, "an actor died of an error",
        {{"actor", std::string{actor}}, {"error", why.what()}});
  }
  std::forward<Died>(died)();
}

} // namespace heddle::actors
