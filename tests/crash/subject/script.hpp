#pragma once

#include "tests/crash/subject/client.hpp"

#include <cstdint>

namespace heddle::crash {

/// Plays a few scenes, chosen by the client's dice. The same seed plays the
/// same, as far as OS threads let it.
void play(client& by);

/// Every kind of scene once, for what lies in a store before a crash.
void play_all(client& by);

} // namespace heddle::crash
