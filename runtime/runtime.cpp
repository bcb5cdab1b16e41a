#include "runtime/runtime.hpp"

#include "heddle/server_thread.hpp"
#include "runtime/shard.hpp"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace heddle {

namespace {

// A timer's id is the number of its shard above the handle that shard gave it.
constexpr std::size_t shards_max = 256;

/// Rounds in which the shards finish what they post to each other.
constexpr int closing_rounds_max = 64;

} // namespace

struct runtime::impl {
  explicit impl(std::size_t n)
    : shards(std::clamp<std::size_t>(n, 1, shards_max)) {
    for (std::size_t i = 0; i < shards.size(); ++i)
      threads.emplace_back([this, i] { work(i); });
  }

  void work(std::size_t index);
  void finish(shard& own);

  std::vector<shard> shards;
  std::vector<std::thread> threads;
  std::atomic<std::size_t> next{0};
  std::atomic<bool> busy{false}; ///< In this round, some shard had work.
  std::barrier<> all{static_cast<std::ptrdiff_t>(shards.size())};
};

namespace {

struct place {
  const void* owner = nullptr;
  std::size_t index = 0;
};

thread_local place here;

} // namespace

void runtime::impl::work(std::size_t index) {
  here = {this, index};
  detail::is_server_thread = true;
  auto name = "heddle-io-" + std::to_string(index);
  pthread_setname_np(pthread_self(), name.c_str());
  shards[index].run();
  finish(shards[index]);
}

// One shard may post to another that is done already, so they go on in rounds
// until a whole round finds nothing.
void runtime::impl::finish(shard& own) {
  for (int round = 0; round < closing_rounds_max; ++round) {
    if (own.run_ready())
      busy = true;
    all.arrive_and_wait();
    bool again = busy;
    all.arrive_and_wait();
    busy = false;
    all.arrive_and_wait();
    if (!again)
      return;
  }
}

runtime::runtime(std::size_t shards) : impl_(std::make_unique<impl>(shards)) {
  // nop
}

runtime::~runtime() {
  stop();
  for (auto& s : impl_->shards)
    s.destroy_io();
}

std::size_t runtime::shards() const noexcept {
  return impl_->shards.size();
}

boost::asio::io_context& runtime::io(std::size_t shard) noexcept {
  return impl_->shards[shard].io();
}

std::size_t runtime::current_shard() const noexcept {
  return here.owner == impl_.get() ? here.index : shards();
}

void runtime::run_on(std::size_t shard, std::function<void()> f) {
  impl_->shards[shard].post(std::move(f));
}

timestamp runtime::now() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(
    std::chrono::system_clock::now());
}

timer_source::id runtime::after(std::chrono::milliseconds delay,
                                std::function<void()> f) {
  auto on = current_shard();
  if (on == shards())
    on = impl_->next.fetch_add(1, std::memory_order_relaxed) % shards();
  auto timer = impl_->shards[on].after(delay, std::move(f));
  return timer == 0 ? 0
                    : timer | (std::uint64_t{on} << timer_heap::handle_bits);
}

void runtime::cancel(id timer) {
  auto on = timer >> timer_heap::handle_bits;
  if (timer != 0 && on < shards())
    impl_->shards[on].cancel(timer & ((1ULL << timer_heap::handle_bits) - 1));
}

std::size_t runtime::waiting() const {
  std::size_t sum = 0;
  for (const auto& s : impl_->shards)
    sum += s.timers();
  return sum;
}

void runtime::stop() {
  for (auto& s : impl_->shards)
    s.interrupt();
  for (auto& t : impl_->threads)
    if (t.joinable())
      t.join();
  for (auto& s : impl_->shards)
    s.close();
}

} // namespace heddle
