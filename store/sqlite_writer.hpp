#pragma once

#include "store/sqlite_tx.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

namespace heddle::sqlite {

struct write_request {
  std::function<void(write_tx&)> op;
  std::function<void(result<store::commit_number>)> done;
};

/// Writes that wait, the urgent ones first. Not synchronized.
class write_queue {
public:
  /// @returns false if it is full; then `request` is untouched.
  bool push(lane where, write_request& request);
  std::optional<write_request> pop();
  std::size_t size() const noexcept { return urgent_.size() + normal_.size(); }
  bool empty() const noexcept { return size() == 0; }
  void clear();

private:
  std::deque<write_request> urgent_;
  std::deque<write_request> normal_;
};

/// Turns requests into commits on the one connection that writes. One OS
/// thread.
class committer {
public:
  static constexpr std::size_t batch_ops_max = 512;
  static constexpr std::uint64_t batch_bytes_max = 2U << 20U;
  static constexpr std::chrono::milliseconds batch_time_max{5};

  using source = std::function<std::optional<write_request>()>;
  using logger = std::function<void(std::string_view)>;

  committer(connection& db, environment& env, logger log);

  /// One transaction for what `next` gives, at most `limit` of them or what
  /// `budget` allows; then their `done`. If it fails, each again in one of its
  /// own.
  /// @returns how many requests were answered.
  std::size_t commit(const source& next, std::size_t limit,
                     std::chrono::milliseconds budget);

  /// Moves the WAL into the database once it is long enough. After the answers,
  /// so that nobody waits for it.
  void checkpoint();

private:
  void fill(const source& next, std::size_t limit,
            std::chrono::milliseconds budget,
            std::vector<write_request>& batch);
  void replay(std::vector<write_request>& batch, const error& why);
  void roll_back();
  error judge(const std::exception& why);
  [[noreturn]] void die(std::string_view why);

  connection& db_;
  sqlite_tx tx_;
  logger log_;
  store::commit_number commits_ = 0;
  int wal_pages_ = 0;
};

/// The writer's OS thread.
class writer {
public:
  writer(connection& db, environment& env, committer::logger log);
  ~writer();

  /// @returns false if the queue is full or the writer has stopped.
  bool push(lane where, write_request& request);
  /// Commits what is queued, then ends the thread. Idempotent.
  void stop();

private:
  void run();
  std::optional<write_request> next();

  committer committer_;
  std::mutex mutex_;
  std::condition_variable wake_;
  write_queue queue_;
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace heddle::sqlite
