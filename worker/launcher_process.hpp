#pragma once

#include <sys/types.h>

#include <utility>

namespace heddle::worker {

/// The server's end of its launcher process. When the last one is closed, also
/// because the server was killed, the launcher kills every process it started,
/// with all their descendants, and exits.
class launcher_handle {
public:
  launcher_handle() = default;
  launcher_handle(int fd, pid_t pid) noexcept : fd_(fd), pid_(pid) {}
  launcher_handle(launcher_handle&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), pid_(std::exchange(other.pid_, -1)) {}
  launcher_handle& operator=(launcher_handle&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(pid_, other.pid_);
    return *this;
  }

  /// Closes the descriptor, if it was not taken, and waits for the launcher.
  ~launcher_handle();

  /// Passes the descriptor on: who takes it must close it before this is
  /// destroyed.
  int take_fd() noexcept { return std::exchange(fd_, -1); }

  pid_t pid() const noexcept { return pid_; }

private:
  int fd_ = -1;
  pid_t pid_ = -1;
};

/// Forks the launcher. To be called at the top of `main`, before there is any
/// thread: a fork of a process with threads may hold their locks for ever, and
/// the death of a worker's parent is told by the kernel per OS thread.
/// Throws `std::system_error` if it cannot be forked.
launcher_handle start_launcher_process();

} // namespace heddle::worker
