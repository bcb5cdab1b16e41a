#pragma once

#include "actors/environment.hpp"
#include "actors/protocol/house.hpp"

#include <caf/actor_system.hpp>

namespace heddle::actors {

/// Drops the events of resumable runs that ended longer ago than
/// `options::resumable_ttl`.
reaper_actor spawn_reaper(caf::actor_system& sys, environment& env);

} // namespace heddle::actors
