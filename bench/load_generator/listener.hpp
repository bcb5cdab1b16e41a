#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>

namespace heddle::load {

/// The process of this machine that listens at a port, to tell what it spends.
/// Its children are not counted.
class listener_process {
public:
  explicit listener_process(std::uint16_t port);

  /// So far; 0 if it could not be found.
  std::chrono::nanoseconds cpu() const;

private:
  pid_t pid_ = 0;
};

} // namespace heddle::load
