#pragma once

#include "store/sqlite_tx.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace heddle::sqlite {

/// OS threads that read, each with a connection of its own that cannot write.
class readers {
public:
  using job = std::function<void(result<read_tx*>)>;

  static constexpr std::size_t batch_max = 16;

  readers(const std::string& path, environment& env, std::size_t count,
          std::function<void(std::string_view)> log);
  ~readers();

  /// @returns false if the queue is full or the pool has stopped.
  bool push(job& what);
  /// Runs what is queued, then ends the threads. Idempotent.
  void stop();

private:
  void run(connection& db);
  void serve(connection& db, std::vector<job>& batch);
  std::vector<job> next();

  environment& env_;
  std::function<void(std::string_view)> log_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<job> queue_;
  bool stopping_ = false;
  std::vector<std::unique_ptr<connection>> connections_;
  std::vector<std::thread> threads_;
};

} // namespace heddle::sqlite
