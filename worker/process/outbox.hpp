#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

namespace heddle::worker {

/// Frames on their way to a process: put in by any thread, sent by one.
class outbox {
public:
  enum class added {
    first, ///< It was empty: someone must call `send`.
    more,
    full,   ///< More than `bytes_max` wait: nothing is taken in any more.
    closed, ///< Ignored.
  };

  explicit outbox(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  added add(std::vector<std::string> frames);

  enum class sent { all, later, failed };

  /// Writes what it can to the socket without waiting. One thread at a time.
  /// `later`: call again when the socket can be written to.
  sent send(int socket);

  /// Drops everything, and what is added from now on.
  void close();

private:
  bool refill();

  const std::size_t bytes_max_;
  std::mutex mutex_; // Guards what follows.
  std::vector<std::string> waiting_;
  std::size_t bytes_ = 0; ///< Of `waiting_` and `sending_`.
  bool busy_ = false;     ///< `send` was asked for and has not said `all`.
  bool closed_ = false;

  std::deque<std::string> sending_; ///< Of the sending thread.
  std::size_t offset_ = 0;          ///< In the first of them.
};

} // namespace heddle::worker
