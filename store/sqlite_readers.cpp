#include "store/sqlite_readers.hpp"

#include "heddle/server_thread.hpp"
#include "store/sqlite_schema.hpp"

#include <pthread.h>

#include <algorithm>

// The library of Debian 12 has the WAL-reset bug, which needs two connections
// that write or checkpoint. So there is one that does, and these are opened
// read-only.

namespace heddle::sqlite {

readers::readers(const std::string& path, environment& env, std::size_t count,
                 std::function<void(std::string_view)> log)
  : env_(env), log_(std::move(log)) {
  for (std::size_t i = 0; i < std::max<std::size_t>(count, 1); ++i) {
    connections_.push_back(std::make_unique<connection>(
      path, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX));
    configure_reader(*connections_.back());
  }
  for (auto& db : connections_)
    threads_.emplace_back([this, &db = *db] { run(db); });
}

readers::~readers() {
  stop();
}

bool readers::push(job& what) {
  {
    std::lock_guard guard{mutex_};
    if (stopping_ || queue_.size() >= store::queued_reads_max)
      return false;
    queue_.push_back(std::move(what));
  }
  wake_.notify_one();
  return true;
}

std::vector<readers::job> readers::next() {
  std::unique_lock guard{mutex_};
  wake_.wait(guard, [this] { return stopping_ || !queue_.empty(); });
  // A fair share, so that the others are not left idle.
  auto share = (queue_.size() + threads_.size() - 1) / threads_.size();
  std::vector<job> out;
  for (auto left = std::min(share, batch_max); left > 0; --left) {
    out.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return out;
}

void readers::serve(connection& db, std::vector<job>& batch) {
  sqlite_tx tx{db, env_};
  try {
    // The snapshot is taken by the first read: after these jobs were queued,
    // and so after every commit that was reported before.
    db.run("BEGIN");
  } catch (const std::exception& why) {
    log_(why.what());
    for (auto& job : batch)
      job(error{errc::internal, why.what()});
    return;
  }
  for (auto& job : batch) {
    try {
      job(&tx);
    } catch (const std::exception& why) {
      log_(std::string{"a read failed: "} + why.what());
    }
  }
  try {
    if (db.in_transaction()) // Some errors have ended it already.
      db.run("COMMIT");
  } catch (const std::exception& why) {
    log_(std::string{"a read did not end: "} + why.what());
    if (db.in_transaction())
      db.script("ROLLBACK");
  }
}

void readers::run(connection& db) {
  pthread_setname_np(pthread_self(), "heddle-reader");
  heddle::detail::is_server_thread = true;
  for (;;) {
    auto batch = next();
    if (batch.empty())
      return;
    serve(db, batch);
  }
}

void readers::stop() {
  {
    std::lock_guard guard{mutex_};
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_)
    if (thread.joinable())
      thread.join();
}

} // namespace heddle::sqlite
