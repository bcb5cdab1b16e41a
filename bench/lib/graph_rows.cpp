#include "bench/lib/graph_rows.hpp"

#include "bench/lib/feed.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>

namespace heddle::bench {

namespace {

using clock_type = std::chrono::steady_clock;

new_checkpoint checkpoint_row_of(int step, timestamp now) {
  std::string n = std::to_string(step + 1);
  new_checkpoint row;
  row.id = "1f0d7a2e-0000-6000-8000-00000000000" + n;
  if (step >= 0)
    row.parent = "1f0d7a2e-0000-6000-8000-00000000000" + std::to_string(step);
  row.head = {"json", json_text{R"({"v":4,"ts":"2026-01-01T00:00:00+00:00",)"
                                R"("versions_seen":{"__input__":{}}})"}};
  row.metadata = json_text{R"({"source":"loop","step":1,"parents":{},)"
                           R"("graph_id":"trivial","user":"u-17"})"};
  row.values.push_back(
    {"log", n, {"json", json_text{R"("done")"}}, json_text{R"("done")"}});
  row.versions = {{"log", n}};
  row.created = now;
  return row;
}

checkpoint_view view_of(const new_checkpoint& row) {
  return {"", row.id, std::vector<std::string>{"log"}, {}, {}, json_text{"[]"}};
}

new_writes writes_of(const new_checkpoint& row) {
  return {"",
          row.id,
          {{"5f3f1f5e-0000-6000-8000-000000000001",
            "~__pregel_pull, node",
            0,
            "log",
            {"json", json_text{R"("done")"}},
            json_text{R"("done")"}}}};
}

class row_feeder {
public:
  row_feeder(store& rows, std::size_t at_once, int checkpoints,
             std::vector<thread_id> threads)
    : rows_(rows), at_once_(at_once), checkpoints_(checkpoints),
      threads_(std::move(threads)) {}

  measured run() {
    auto begun = clock_type::now();
    for (std::size_t i = 0; i < at_once_; ++i)
      next();
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return over_ == threads_.size(); });
    measured result;
    result.seconds
      = std::chrono::duration<double>(clock_type::now() - begun).count();
    result.us.assign(threads_.size(), 0);
    return result;
  }

private:
  void next() {
    place at;
    {
      std::lock_guard guard{mutex_};
      if (begun_ == threads_.size())
        return;
      at = {threads_[begun_++], run_id{next_id()}};
    }
    write(
      rows_, lane::normal,
      [at, now = wall_time()](write_tx& tx) {
        auto row = run_row_of(at, now);
        tx.assistant(row.assistant);
        tx.thread_without_state(at.thread);
        tx.insert_run(row);
        return tx.start_run(at.run, now)->row.epoch;
      },
      [this, at](result<std::uint64_t> epoch) { keep(at, *epoch); });
  }

  void keep(place at, std::uint64_t epoch) {
    run_ref who{at.run, epoch};
    auto now = wall_time();
    for (int step = 0; step < checkpoints_; ++step) {
      auto row = checkpoint_row_of(step, now);
      push([=](write_tx& tx) { tx.put_checkpoint(who, at.thread, row); });
      push([=](write_tx& tx) { tx.put_view(who, at.thread, view_of(row)); });
      if (step + 1 < checkpoints_)
        push(
          [=](write_tx& tx) { tx.put_writes(who, at.thread, writes_of(row)); });
    }
    write(
      rows_, lane::normal,
      [who, now](write_tx& tx) {
        tx.finish_run(who, {run_status::success, {}}, now);
        return true;
      },
      [this](const result<bool>&) { one_over(); });
  }

  template <class Op>
  void push(Op op) {
    write(
      rows_, lane::normal,
      [op](write_tx& tx) {
        op(tx);
        return true;
      },
      [](const result<bool>&) {});
  }

  void one_over() {
    next();
    std::lock_guard guard{mutex_};
    if (++over_ == threads_.size())
      changed_.notify_all();
  }

  store& rows_;
  const std::size_t at_once_;
  const int checkpoints_;
  const std::vector<thread_id> threads_;
  std::mutex mutex_; // Guards what follows, and the source of ids.
  std::condition_variable changed_;
  std::size_t begun_ = 0;
  std::size_t over_ = 0;
};

} // namespace

measured write_run_rows(store& rows, std::size_t at_once, int checkpoints,
                        std::vector<thread_id> threads) {
  return row_feeder{rows, at_once, checkpoints, std::move(threads)}.run();
}

} // namespace heddle::bench
