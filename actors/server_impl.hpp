#pragma once

#include "actors/environment.hpp"
#include "heddle/server.hpp"

namespace heddle {

class runtime;

namespace actors {
class house;
}

/// What is behind the public face.
struct server::impl {
  impl(actors::environment& e, actors::house& h, runtime* t = nullptr)
    : env(e), home(h), threads(t) {}
  virtual ~impl() = default;

  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;

  actors::environment& env;
  actors::house& home;
  runtime* threads; ///< Null where the actors run on a test's coordinator.
};

} // namespace heddle
