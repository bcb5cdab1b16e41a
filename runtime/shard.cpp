#include "runtime/shard.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace heddle {

namespace {

/// Due timers per turn of the loop, so that I/O has its turn as well.
constexpr int timers_per_turn_max = 256;

/// Handlers per round of a shutdown: a handler that posts itself for ever must
/// not keep the process alive.
constexpr int handlers_per_round_max = 10'000;

} // namespace

shard::shard() : io_(std::in_place, 1), work_(io_->get_executor()) {
  alarm_.emplace(*io_);
}

void shard::post(std::function<void()> f) {
  bool wake = false;
  {
    std::lock_guard guard{mutex_};
    if (closed_)
      return; // `f` dies with its caller's frame, outside the lock.
    wake = inbox_.empty();
    inbox_.push_back(std::move(f));
  }
  if (wake)
    boost::asio::post(*io_, [this] { run_batch(); });
}

void shard::run_batch() {
  {
    std::lock_guard guard{mutex_};
    batch_.swap(inbox_);
  }
  for (auto& f : batch_) {
    f();
    f = nullptr; // What it holds goes before the next one runs.
  }
  batch_.clear();
}

timer_heap::handle shard::after(std::chrono::milliseconds delay,
                                std::function<void()> f) {
  auto due = timer_heap::clock::now() + delay;
  timer_heap::handle timer = 0;
  bool sooner = false;
  {
    std::lock_guard guard{mutex_};
    if (closed_)
      return 0;
    timer = timers_.add(due, std::move(f));
    sooner = !armed_ || due < *armed_;
    if (sooner)
      armed_ = due; // Others need not wake the shard for this deadline again.
  }
  if (sooner)
    post([this] { arm(); });
  return timer;
}

void shard::cancel(timer_heap::handle timer) {
  timer_heap::action dropped; // Declared first: destroyed after the unlock.
  std::lock_guard guard{mutex_};
  dropped = timers_.remove(timer);
}

std::size_t shard::timers() const {
  std::lock_guard guard{mutex_};
  return timers_.size();
}

void shard::fire() {
  auto now = timer_heap::clock::now();
  for (int n = 0; n < timers_per_turn_max; ++n) {
    timer_heap::action f;
    {
      std::lock_guard guard{mutex_};
      f = timers_.pop_due(now);
    }
    if (!f)
      break;
    f();
  }
  arm();
}

void shard::arm() {
  {
    std::lock_guard guard{mutex_};
    armed_ = timers_.earliest();
    if (!armed_)
      return;
    alarm_->expires_at(*armed_);
  }
  alarm_->async_wait([this](const boost::system::error_code& failed) {
    if (!failed)
      fire();
  });
}

void shard::run() {
  io_->run();
}

void shard::interrupt() {
  io_->stop();
}

bool shard::run_ready() {
  io_->restart();
  int n = 0;
  while (n < handlers_per_round_max && io_->poll_one() > 0)
    ++n;
  return n > 0;
}

void shard::close() {
  std::vector<std::function<void()>> left;
  timer_heap timers;
  std::lock_guard guard{mutex_};
  closed_ = true;
  left.swap(inbox_);
  std::swap(timers, timers_);
}

void shard::destroy_io() {
  work_.reset();
  alarm_.reset();
  io_.reset();
}

} // namespace heddle
