#pragma once

#include "actors/environment.hpp"
#include "actors/protocol/house.hpp"

#include <caf/actor_system.hpp>

#include <chrono>
#include <cstdint>

namespace heddle::actors {

/// How often a webhook is tried, and how many are on the way at once.
inline constexpr std::uint32_t webhook_tries_max = 3;
inline constexpr std::size_t webhooks_at_once = 16;

/// How long before the next try after `tries` failed ones.
std::chrono::seconds webhook_pause(std::uint32_t tries) noexcept;

courier_actor spawn_courier(caf::actor_system& sys, environment& env);

} // namespace heddle::actors
