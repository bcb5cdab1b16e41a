#pragma once

#include "worker/process/orders.hpp"
#include "worker/process/unique_fd.hpp"

#include <sys/types.h>

#include <string>

namespace heddle::worker {

/// A process that was forked; whether its program could be executed shows when
/// it has ended.
struct spawned {
  pid_t pid = -1;
  unique_fd trouble; ///< Holds why the program was not executed, if so.
  std::string error; ///< Not empty: could not be forked.
};

/// The descriptor under which a worker finds its socket.
constexpr int worker_fd = 3;

/// Forks a process that leads a group of its own and becomes the program of
/// `what`: `socket` as descriptor 3, `output` as stdout and stderr, stdin
/// empty, nothing else inherited, no core dumps, all signals as by default. It
/// dies with the OS thread that calls this. Only from a process with one
/// thread.
spawned spawn(const start_order& what, unique_fd socket, unique_fd output);

/// Why the program of an ended process had not been executed; empty if it was.
std::string trouble_of(const spawned& process);

} // namespace heddle::worker
