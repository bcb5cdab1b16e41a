#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>

namespace heddle::load {

/// A Beast server that does nothing: every request is answered by 204. In a
/// process of its own; what the generator spends on a request is held against
/// what this one does. Must be made before this process has another OS thread.
class bare_server {
public:
  bare_server();
  ~bare_server();
  bare_server(const bare_server&) = delete;
  bare_server& operator=(const bare_server&) = delete;

  std::uint16_t port() const noexcept { return port_; }
  std::chrono::nanoseconds cpu() const;

private:
  pid_t pid_ = -1;
  std::uint16_t port_ = 0;
};

} // namespace heddle::load
