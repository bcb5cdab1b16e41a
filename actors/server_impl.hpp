#pragma once

#include "actors/environment.hpp"
#include "actors/graph_registry.hpp"
#include "heddle/server.hpp"

#include <memory>

namespace heddle {

/// What is behind the public face. `parts` of the house live in actors/system.
struct server::impl {
  virtual ~impl() = default;

  explicit impl(actors::environment& e) : env(e) {}

  actors::environment& env;
};

} // namespace heddle
