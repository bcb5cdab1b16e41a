#pragma once

#include <csignal>

namespace heddle::app {

/// Turns the signals that end a program into something to wait for. From its
/// construction on they are blocked in this OS thread and in all that it starts
/// later; so it is made before them, but after the launcher is forked. SIGPIPE
/// is ignored.
class stop_signals {
public:
  stop_signals();
  ~stop_signals();

  stop_signals(const stop_signals&) = delete;
  stop_signals& operator=(const stop_signals&) = delete;

  /// Waits. @returns the signal, or 0 after `wake`.
  int wait();

  /// Makes one `wait` return, now or later. Any thread.
  void wake() noexcept;

private:
  sigset_t before_{};
  int signals_ = -1;
  int wakes_ = -1;
};

} // namespace heddle::app
