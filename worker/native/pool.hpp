#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace heddle::worker::native {

/// OS threads that run nodes of graphs in this process: a bounded number, and
/// one more that only ever takes steps, so that what the server says reaches a
/// run while every other thread is inside a node.
///
/// A thread whose job does not return cannot be taken back. It is counted as
/// stuck and another one stands in for it, up to a limit; when the job returns
/// after all, the number is as before. Any thread may call.
class pool {
public:
  using job = std::function<void()>;

  struct options {
    std::size_t threads = 8;
    std::size_t stuck_max = 8; ///< So many are replaced.
  };

  /// Steps are short and go first; nodes are what users wrote.
  enum class kind : std::uint8_t { step, node };

  explicit pool(options how);

  /// `stop`s without grace.
  ~pool();

  pool(const pool&) = delete;
  pool& operator=(const pool&) = delete;

  /// Runs `what` soon. `owner` is not null and names whose it is, for
  /// `give_up`. A pool that has stopped drops it.
  void post(kind how, const void* owner, job what);

  /// The same; on a thread of the pool it follows the job that calls this, if
  /// that may go on, without a change of threads.
  void follow_up(kind how, const void* owner, job what);

  /// The jobs of `owner` that run now will not return, as far as anyone knows.
  /// @returns how many they are.
  std::size_t give_up(const void* owner);

  /// Threads that have been given up and have not come back.
  std::size_t stuck() const;

  /// No node can run until one that is stuck comes back.
  bool exhausted() const;

  /// Called after a thread that was given up has come back. Set once, before
  /// the first job.
  void when_back(std::function<void()> f);

  /// Runs what is queued, ends the threads, and waits for them; not beyond
  /// `grace`. A thread that is stuck by then is left behind with all it uses.
  /// @returns how many were. Not to be called by one of the threads.
  std::size_t stop(std::chrono::milliseconds grace);

private:
  struct state;
  std::shared_ptr<state> state_;
};

} // namespace heddle::worker::native
