#pragma once

#include <string>

namespace heddle::worker::hosted {

/// The worker process of a graph library: the other end of
/// docs/worker-protocol.md on descriptor `fd`, with the executor of C++ graphs
/// behind it. Returns the exit code when it was told to exit or the socket has
/// ended; nodes may still be running then.
int work(const std::string& library, int fd);

/// Prints the ids of a library's graphs, one a line. A process of its own asks
/// this, so that a library that crashes takes no server with it.
int list_graphs(const std::string& library);

} // namespace heddle::worker::hosted
