#include "worker/native/pool.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

namespace heddle::worker::native {

namespace {

struct entry {
  pool::kind how = pool::kind::step;
  const void* owner = nullptr;
  pool::job what;
};

/// What a thread is at.
struct place {
  const void* owner = nullptr; ///< Null: at nothing.
  pool::kind how = pool::kind::step;
  bool stuck = false;
};

/// Follow-ups in a row, at most: then others have their turn.
constexpr int in_a_row_max = 32;

/// Where a job of this thread leaves what is to follow it.
thread_local std::optional<entry>* next_here = nullptr;
thread_local const void* pool_here = nullptr;

} // namespace

/// Shared with the threads, which may outlive the pool.
struct pool::state : std::enable_shared_from_this<pool::state> {
  explicit state(options given) : how(given) {}

  const options how;
  mutable std::mutex mutex; // Guards what follows.
  std::condition_variable more;
  std::condition_variable fewer;
  std::deque<entry> steps;
  std::deque<entry> nodes;
  std::list<place> places;
  std::size_t idle = 0;
  std::size_t running_nodes = 0; ///< Without those that are stuck.
  std::size_t stuck = 0;
  bool stopping = false;
  bool closed = false;
  std::function<void()> back;

  std::size_t threads_wanted() const {
    return how.threads + 1 + std::min(stuck, how.stuck_max);
  }

  std::size_t nodes_max() const {
    auto lost = stuck - std::min(stuck, how.stuck_max);
    return how.threads - std::min(lost, how.threads);
  }

  bool ready(kind what) const {
    return what == kind::step ? !steps.empty()
                              : !nodes.empty() && running_nodes < nodes_max();
  }

  void wake() {
    if (idle > 0)
      return more.notify_one();
    if (places.size() < threads_wanted())
      start_thread();
  }

  void start_thread() {
    auto at = places.emplace(places.end());
    try {
      std::thread{[self = shared_from_this(), at] { self->work(at); }}.detach();
    } catch (const std::system_error&) {
      places.erase(at); // The system gives no more: those there are must do.
    }
  }

  void add(entry what) {
    auto& queue = what.how == kind::step ? steps : nodes;
    queue.push_back(std::move(what));
  }

  /// The next job that may run now.
  std::optional<entry> take() {
    for (auto which : {kind::step, kind::node}) {
      if (!ready(which))
        continue;
      auto& queue = which == kind::step ? steps : nodes;
      auto result = std::move(queue.front());
      queue.pop_front();
      return result;
    }
    return std::nullopt;
  }

  void begin(std::list<place>::iterator at, const entry& what) {
    *at = {what.owner, what.how, false};
    if (what.how == kind::node)
      ++running_nodes;
  }

  /// @returns whether it was a node that had been given up. (A step that was
  /// under way at that moment has not been waited for.)
  bool end(std::list<place>::iterator at) {
    auto was = std::exchange(*at, {});
    if (was.stuck)
      --stuck;
    else if (was.how == kind::node && was.owner)
      --running_nodes;
    return was.stuck && was.how == kind::node;
  }

  void work(std::list<place>::iterator at) {
    std::unique_lock lock{mutex};
    while (!closed && places.size() <= threads_wanted()) {
      auto next = take();
      if (!next) {
        ++idle;
        more.wait(lock);
        --idle;
        continue;
      }
      run(at, std::move(*next), lock);
    }
    places.erase(at);
    // What it was woken for is another's now.
    if (ready(kind::step) || ready(kind::node))
      wake();
    fewer.notify_all();
  }

  /// Runs a job and what follows it. The lock is held before and after.
  void run(std::list<place>::iterator at, entry first,
           std::unique_lock<std::mutex>& lock) {
    std::optional<entry> next{std::move(first)};
    for (int row = 0; next; ++row) {
      begin(at, *next);
      if (ready(kind::step) || ready(kind::node))
        wake();
      lock.unlock();
      std::optional<entry> following;
      next_here = &following;
      pool_here = this;
      next->what();
      next->what = nullptr; // Whatever it held goes without the lock.
      next_here = nullptr;
      lock.lock();
      bool came_back = end(at);
      if (came_back && back) {
        lock.unlock();
        back();
        lock.lock();
      }
      next = std::move(following);
      bool may = next && row < in_a_row_max
                 && (next->how == kind::step || running_nodes < nodes_max());
      if (next && !may)
        add(*std::exchange(next, std::nullopt));
    }
    fewer.notify_all();
  }
};

pool::pool(options how) : state_(std::make_shared<state>(how)) {
  // nop
}

pool::~pool() {
  stop(std::chrono::milliseconds{0});
}

void pool::post(kind how, const void* owner, job what) {
  entry dropped{how, owner, std::move(what)};
  std::lock_guard guard{state_->mutex};
  if (state_->closed)
    return;
  state_->add(std::move(dropped));
  if (state_->ready(how))
    state_->wake();
}

void pool::follow_up(kind how, const void* owner, job what) {
  if (pool_here == state_.get() && next_here && !*next_here)
    *next_here = entry{how, owner, std::move(what)};
  else
    post(how, owner, std::move(what));
}

std::size_t pool::give_up(const void* owner) {
  std::lock_guard guard{state_->mutex};
  std::size_t result = 0;
  for (auto& at : state_->places) {
    if (at.owner != owner || at.stuck)
      continue;
    at.stuck = true;
    ++state_->stuck;
    if (at.how == kind::node)
      --state_->running_nodes;
    ++result;
  }
  if (result > 0 && (state_->ready(kind::step) || state_->ready(kind::node)))
    state_->wake();
  return result;
}

std::size_t pool::stuck() const {
  std::lock_guard guard{state_->mutex};
  return state_->stuck;
}

bool pool::exhausted() const {
  std::lock_guard guard{state_->mutex};
  return state_->nodes_max() == 0;
}

void pool::when_back(std::function<void()> f) {
  std::lock_guard guard{state_->mutex};
  state_->back = std::move(f);
}

std::size_t pool::stop(std::chrono::milliseconds grace) {
  std::deque<entry> dropped; // Goes after the lock.
  std::unique_lock lock{state_->mutex};
  auto at_rest = [this] {
    return state_->steps.empty() && state_->nodes.empty()
           && std::ranges::all_of(state_->places, [](const auto& at) {
                return !at.owner || at.stuck;
              });
  };
  state_->fewer.wait_for(lock, grace, at_rest);
  state_->closed = true;
  state_->back = nullptr;
  dropped.swap(state_->steps);
  for (auto& one : state_->nodes)
    dropped.push_back(std::move(one));
  state_->nodes.clear();
  state_->more.notify_all();
  state_->fewer.wait_for(lock, std::chrono::milliseconds{100}, [this] {
    return std::ranges::all_of(state_->places,
                               [](const auto& at) { return at.owner; });
  });
  return state_->places.size();
}

} // namespace heddle::worker::native
