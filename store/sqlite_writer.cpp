#include "store/sqlite_writer.hpp"

#include "heddle/server_thread.hpp"

#include <pthread.h>
#include <unistd.h>

// Group commit without waiting: a batch is what came while the last one was
// being committed. No savepoints: an operation that fails takes its batch with
// it, and the batch is done again one by one.

namespace heddle::sqlite {

namespace {

constexpr int checkpoint_pages = 1000;
constexpr int exit_code_io = 70; // EX_SOFTWARE: a supervisor starts us again.

using clock = std::chrono::steady_clock;

} // namespace

bool write_queue::push(lane where, write_request& request) {
  if (size() >= store::queued_writes_max)
    return false;
  auto& queue = where == lane::urgent ? urgent_ : normal_;
  queue.push_back(std::move(request));
  return true;
}

std::optional<write_request> write_queue::pop() {
  auto& queue = urgent_.empty() ? normal_ : urgent_;
  if (queue.empty())
    return std::nullopt;
  auto out = std::move(queue.front());
  queue.pop_front();
  return out;
}

void write_queue::clear() {
  urgent_.clear();
  normal_.clear();
}

committer::committer(connection& db, environment& env, logger log)
  : db_(db), tx_(db, env), log_(std::move(log)) {
  sqlite3_wal_hook(
    db_.raw(),
    [](void* self, sqlite3*, const char*, int pages) {
      static_cast<committer*>(self)->wal_pages_ = pages;
      return SQLITE_OK;
    },
    this);
}

void committer::die(std::string_view why) {
  // After a failed write or sync nobody knows what is on the disk, and a second
  // sync would claim success. What was not acknowledged need not be there; a
  // restart reads what is.
  log_("the disk failed, stopping at once: " + std::string{why});
  _exit(exit_code_io);
}

error committer::judge(const std::exception& why) {
  const auto* from_db = dynamic_cast<const failure*>(&why);
  if (from_db == nullptr)
    return {errc::internal, why.what()};
  if (from_db->kind() == SQLITE_IOERR)
    die(why.what());
  if (from_db->kind() == SQLITE_FULL)
    return {errc::no_space, "The store is full."};
  return {errc::internal, why.what()};
}

void committer::roll_back() {
  // Some errors have ended the transaction already.
  if (db_.in_transaction())
    db_.run("ROLLBACK");
}

void committer::fill(const source& next, std::size_t limit,
                     std::chrono::milliseconds budget,
                     std::vector<write_request>& batch) {
  auto until = clock::now() + budget;
  auto bytes = db_.bytes() + batch_bytes_max;
  db_.run("BEGIN IMMEDIATE");
  while (batch.size() < limit && db_.bytes() < bytes && clock::now() < until) {
    auto request = next();
    if (!request)
      break;
    batch.push_back(std::move(*request));
    batch.back().op(tx_);
  }
  db_.run("COMMIT");
}

void committer::replay(std::vector<write_request>& batch, const error& why) {
  if (batch.size() > 1)
    log_("a batch of " + std::to_string(batch.size())
         + " writes failed and is done again one by one: " + why.detail);
  for (auto& request : batch) {
    if (batch.size() == 1) {
      request.done(why);
      continue;
    }
    try {
      db_.run("BEGIN IMMEDIATE");
      request.op(tx_);
      db_.run("COMMIT");
    } catch (const std::exception& again) {
      auto reason = judge(again);
      roll_back();
      request.done(reason);
      continue;
    }
    request.done(++commits_);
  }
}

std::size_t committer::commit(const source& next, std::size_t limit,
                              std::chrono::milliseconds budget) {
  std::vector<write_request> batch;
  try {
    fill(next, limit, budget, batch);
  } catch (const std::exception& why) {
    auto reason = judge(why);
    roll_back();
    if (batch.empty())
      if (auto request = next()) // It could not even begin.
        batch.push_back(std::move(*request));
    if (batch.size() == 1)
      log_("a write failed: " + reason.detail);
    replay(batch, reason);
    return batch.size();
  }
  ++commits_;
  for (auto& request : batch)
    request.done(commits_);
  return batch.size();
}

void committer::checkpoint() {
  if (wal_pages_ < checkpoint_pages)
    return;
  wal_pages_ = 0;
  // Not SQLite's own: that one hides its errors, and a failed sync of the
  // database file would go unnoticed.
  auto code = sqlite3_wal_checkpoint_v2(
    db_.raw(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if ((code & 0xff) == SQLITE_IOERR)
    die(sqlite3_errmsg(db_.raw()));
}

writer::writer(connection& db, environment& env, committer::logger log)
  : committer_(db, env, std::move(log)), thread_([this] { run(); }) {}

writer::~writer() {
  stop();
}

bool writer::push(lane where, write_request& request) {
  bool first = false;
  {
    std::lock_guard guard{mutex_};
    first = queue_.empty();
    if (stopping_ || !queue_.push(where, request))
      return false;
  }
  if (first)
    wake_.notify_one();
  return true;
}

std::optional<write_request> writer::next() {
  std::lock_guard guard{mutex_};
  return queue_.pop();
}

void writer::run() {
  pthread_setname_np(pthread_self(), "heddle-writer");
  heddle::detail::is_server_thread = true;
  for (;;) {
    {
      std::unique_lock guard{mutex_};
      wake_.wait(guard, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty())
        return;
    }
    committer_.commit([this] { return next(); }, committer::batch_ops_max,
                      committer::batch_time_max);
    committer_.checkpoint();
  }
}

void writer::stop() {
  {
    std::lock_guard guard{mutex_};
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable())
    thread_.join();
}

} // namespace heddle::sqlite
