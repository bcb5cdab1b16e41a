#pragma once

#include <string_view>

namespace heddle::bench {

/// The route that does nothing: `POST /bare` is 204, by the same code that
/// serves all other routes. What it costs is the floor of every request.
inline constexpr std::string_view serve_flag = "--serve-for-bench";

/// The server that is measured: store, actors and HTTP side as the program
/// assembles them, on one I/O thread per core, without workers (so what is
/// created stays pending) and with the route above. Prints its port and serves
/// until it is killed or its parent ends.
[[noreturn]] void serve_for_bench(std::string_view data);

} // namespace heddle::bench
