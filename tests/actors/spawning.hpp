#pragma once

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>

#include <utility>

namespace heddle::test {

/// Spawns an actor from a function object. Not by `sys.spawn(f)`: without
/// arguments CAF 0.17 dereferences a null `shared_ptr`, on which a standard
/// library with assertions aborts.
template <caf::spawn_options Options = caf::no_spawn_options, class F>
caf::actor spawn(caf::actor_system& sys, F f) {
  auto body = [](caf::event_based_actor* self, F made) { return made(self); };
  return sys.spawn<Options>(body, std::move(f));
}

} // namespace heddle::test
