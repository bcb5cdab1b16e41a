#pragma once

#include "worker/worker.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace heddle::worker::wire {

/// Reads frames of the server for a worker that is this same program, and calls
/// a channel as the server would if that channel were its own. One thread.
class order_reader {
public:
  /// What `welcome` says that a worker must know.
  struct welcome {
    std::size_t credit_run_bytes = 0;
  };

  /// Called once per `welcome`: gives the channel for what follows.
  explicit order_reader(
    std::function<std::shared_ptr<channel>(const welcome&)> greeted)
    : greeted_(std::move(greeted)) {}

  /// Takes one frame (without its length).
  /// - `errc::bad_request`: not as docs/worker-protocol.md says.
  result<void> take(const std::shared_ptr<const std::string>& frame);

private:
  std::function<std::shared_ptr<channel>(const welcome&)> greeted_;
  std::shared_ptr<channel> to_;
  std::vector<tuple> items_; ///< Of a `tuples` that goes on.
};

} // namespace heddle::worker::wire
