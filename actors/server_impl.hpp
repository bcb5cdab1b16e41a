#pragma once

#include "actors/environment.hpp"
#include "heddle/server.hpp"

namespace heddle {

namespace actors {
class house;
}

/// What is behind the public face.
struct server::impl {
  impl(actors::environment& e, actors::house& h) : env(e), home(h) {}
  virtual ~impl() = default;

  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;

  actors::environment& env;
  actors::house& home;
};

} // namespace heddle
