#include "bench/lib/feed.hpp"

#include "store/sqlite_store.hpp"

#include <algorithm>
#include <ctime>
#include <future>
#include <memory>
#include <random>
#include <stdexcept>

namespace heddle::bench {

namespace {

constexpr std::size_t rows_per_write = 500;

std::chrono::nanoseconds own_cpu() {
  timespec spent{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return std::chrono::seconds{spent.tv_sec}
         + std::chrono::nanoseconds{spent.tv_nsec};
}

/// What `feed` has under way. The writer's thread has it, once it has begun.
struct feeder : std::enable_shared_from_this<feeder> {
  using clock = std::chrono::steady_clock;

  void push() {
    if (begun == count)
      return;
    rows->write(
      where, [this, i = begun](write_tx& tx) { write(tx, i); },
      [self = shared_from_this(), since = clock::now()](
        const result<store::commit_number>& done) { self->took(since, done); });
    ++begun;
  }

  void took(clock::time_point since, const result<store::commit_number>& done) {
    if (done.has_error())
      std::terminate();
    std::chrono::duration<float, std::micro> time = clock::now() - since;
    times.us.push_back(time.count());
    push();
    if (times.us.size() == count)
      over.set_value();
  }

  store* rows = nullptr;
  lane where = lane::normal;
  std::size_t count = 0;
  std::size_t begun = 0;
  std::function<void(write_tx&, std::size_t)> write;
  measured times;
  std::promise<void> over;
};

} // namespace

timestamp wall_time() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(
    std::chrono::system_clock::now());
}

uuid_bytes next_id() {
  static std::mt19937_64 random{std::random_device{}()};
  static std::uint64_t serial = 0;
  uuid_bytes id{};
  auto ms = static_cast<std::uint64_t>(to_micros(wall_time()) / 1000);
  auto tail = random();
  ++serial;
  for (int i = 0; i < 6; ++i)
    id[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  id[6] = static_cast<std::uint8_t>(0x70 | (serial >> 20U & 0xfU));
  id[7] = static_cast<std::uint8_t>(serial >> 12U);
  id[8] = static_cast<std::uint8_t>(0x80 | (serial >> 6U & 0x3fU));
  id[9] = static_cast<std::uint8_t>(serial & 0x3fU);
  for (int i = 10; i < 16; ++i)
    id[i] = static_cast<std::uint8_t>(tail >> (8 * (i - 10)));
  return id;
}

thread_record thread_row(const thread_id& id, timestamp now) {
  thread_record thread;
  thread.id = id;
  thread.created = thread.updated = thread.state_updated = now;
  thread.metadata = json_text{R"({"graph_id":"noop","user":"u-17"})"};
  thread.config = json_text{"{}"};
  return thread;
}

new_run run_row_of(const place& at, timestamp now) {
  static const json_text kwargs{
    R"({"input":{"messages":[{"role":"user","content":")"
    + std::string(400, 'x') + R"("}]},"config":{"configurable":{}}})"};
  new_run run;
  run.id = at.run;
  run.thread = at.thread;
  run.assistant = assistant_id{graph_uuid("noop")};
  run.graph = "noop";
  run.kwargs = kwargs;
  run.metadata = json_text{R"({"graph_id":"noop","user":"u-17"})"};
  run.due = run.created = now;
  return run;
}

measured feed(store& rows, lane where, std::size_t at_once, std::size_t count,
              std::function<void(write_tx&, std::size_t)> write) {
  auto all = std::make_shared<feeder>();
  all->rows = &rows;
  all->where = where;
  all->count = count;
  all->write = std::move(write);
  all->times.us.reserve(count);
  auto over = all->over.get_future();
  auto cpu = own_cpu();
  auto begun = feeder::clock::now();
  // The first ones from within the store, so that all are pushed there.
  rows.write(
    where, [](write_tx&) {},
    [all, at_once](const result<store::commit_number>&) {
      for (std::size_t i = 0; i < at_once; ++i)
        all->push();
    });
  over.wait();
  auto result = std::move(all->times);
  result.seconds
    = std::chrono::duration<double>(feeder::clock::now() - begun).count();
  std::chrono::duration<double, std::micro> spent = own_cpu() - cpu;
  result.cpu_us = spent.count() / static_cast<double>(count);
  std::sort(result.us.begin(), result.us.end());
  return result;
}

std::unique_ptr<store> open_rows(const std::string& dir) {
  auto rows = open_sqlite(dir);
  if (rows.has_error())
    throw std::runtime_error{rows.error().detail};
  return std::move(*rows);
}

namespace {

/// `write(tx, i)` for every i below `count`, many to a commit.
template <class Write>
void fill_rows(const std::string& dir, std::size_t count, Write write) {
  auto rows = open_rows(dir);
  auto writes = (count + rows_per_write - 1) / rows_per_write;
  feed(*rows, lane::normal, 4, writes, [&](write_tx& tx, std::size_t i) {
    auto last = std::min((i + 1) * rows_per_write, count);
    for (auto at = i * rows_per_write; at < last; ++at)
      write(tx, at);
  });
  rows->stop();
}

} // namespace

std::vector<place> fill(const std::string& dir, std::size_t threads,
                        std::size_t runs_per_thread) {
  std::vector<place> result;
  for (std::size_t i = 0; i < threads; ++i) {
    thread_id thread{next_id()};
    for (std::size_t k = 0; k < runs_per_thread; ++k)
      result.push_back({thread, run_id{next_id()}});
  }
  fill_rows(dir, result.size(), [&, now = wall_time()](write_tx& tx, auto i) {
    if (i % runs_per_thread == 0)
      tx.insert_thread(thread_row(result[i].thread, now));
    tx.insert_run(run_row_of(result[i], now));
  });
  return result;
}

std::vector<thread_id> fill_threads(const std::string& dir,
                                    std::size_t threads) {
  std::vector<thread_id> result;
  for (std::size_t i = 0; i < threads; ++i)
    result.emplace_back(next_id());
  fill_rows(dir, threads, [&, now = wall_time()](write_tx& tx, auto i) {
    tx.insert_thread(thread_row(result[i], now));
  });
  return result;
}

} // namespace heddle::bench
