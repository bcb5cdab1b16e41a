#pragma once

#include "heddle/error.hpp"

#include <caf/actor_system.hpp>

#include <optional>

namespace heddle::actors {

/// What keeps a server's actors out of an actor system that a program made; or
/// nothing. CAF's `stealing` scheduler does: it walks whole queues under locks,
/// so that a fan-out of 100 000 messages takes seconds instead of milliseconds.
std::optional<error> why_not_in(caf::actor_system& host);

} // namespace heddle::actors
