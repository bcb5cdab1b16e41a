#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>

namespace heddle::worker::test {

/// A door that who comes stands before, deaf to all, until it is opened.
/// Copies are the same door, which outlives whoever is left behind it.
class door {
public:
  void pass() const;
  void open() const;
  /// Waits until so many stand before it; whether they came.
  bool crowd(std::size_t count) const;

private:
  struct state {
    std::mutex mutex;
    std::condition_variable changed;
    std::size_t inside = 0;
    bool open = false;
  };
  std::shared_ptr<state> state_ = std::make_shared<state>();
};

} // namespace heddle::worker::test
