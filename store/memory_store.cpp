#include "store/memory_store.hpp"

#include "heddle/server_thread.hpp"
#include "store/sqlite_writer.hpp"

#include <pthread.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace heddle {

namespace {

using sqlite::write_request;
using read_job = std::function<void(result<read_tx*>)>;

/// What was asked for since the thread last looked.
struct inbox {
  std::deque<std::pair<lane, write_request>> writes;
  std::deque<read_job> reads;

  bool empty() const noexcept { return writes.empty() && reads.empty(); }
};

class memory_store final : public store {
public:
  explicit memory_store(sqlite_options options)
    : rows_(std::move(options)), thread_([this] { run(); }) {}

  ~memory_store() override { stop(); }

  void write(lane where, std::function<void(write_tx&)> op,
             std::function<void(result<commit_number>)> done) override {
    std::unique_lock lock{mutex_};
    if (stopping_ || inbox_.writes.size() >= queued_writes_max) {
      lock.unlock();
      return done(store_unavailable());
    }
    inbox_.writes.push_back({where, {std::move(op), std::move(done)}});
    wake_.notify_one();
  }

  void read(read_job job) override {
    std::unique_lock lock{mutex_};
    if (stopping_ || inbox_.reads.size() >= queued_reads_max) {
      lock.unlock();
      return job(store_unavailable());
    }
    inbox_.reads.push_back(std::move(job));
    wake_.notify_one();
  }

  std::uint64_t marks_begun() const noexcept override {
    return rows_.marks_begun();
  }

  void stop() override {
    {
      std::lock_guard guard{mutex_};
      stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable())
      thread_.join();
  }

private:
  inbox next() {
    std::unique_lock lock{mutex_};
    wake_.wait(lock, [this] { return stopping_ || !inbox_.empty(); });
    return std::exchange(inbox_, {});
  }

  void run() {
    pthread_setname_np(pthread_self(), "heddle-memory");
    detail::is_server_thread = true;
    for (auto now = next(); !now.empty(); now = next()) {
      for (auto& [where, request] : now.writes)
        rows_.write(where, std::move(request.op), std::move(request.done));
      while (rows_.commit_batch(sqlite::committer::batch_ops_max) > 0) {}
      for (auto& job : now.reads)
        rows_.read(std::move(job));
      rows_.run_reads();
    }
  }

  stepped_store rows_; ///< The thread's.
  std::mutex mutex_;   // Guards what follows.
  std::condition_variable wake_;
  inbox inbox_;
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace

std::unique_ptr<store> open_memory(sqlite_options options) {
  return std::make_unique<memory_store>(std::move(options));
}

} // namespace heddle
