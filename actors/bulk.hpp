#pragma once

#include "actors/environment.hpp"
#include "actors/protocol/house.hpp"

#include <caf/actor_system.hpp>

namespace heddle::actors {

/// How long one slice may hold the writer.
inline constexpr std::chrono::microseconds slice_budget{2000};

/// Also takes up what was left in the store when the server last stopped.
bulk_actor spawn_bulk(caf::actor_system& sys, environment& env);

} // namespace heddle::actors
