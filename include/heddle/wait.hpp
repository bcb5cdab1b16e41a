#pragma once

#include <atomic>
#include <chrono>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <type_traits>
#include <utility>
#include <variant>

// Waiting inside a node, so that a cancel can end the wait. `operation<T>` is
// what nodes see; the rest is for who executes them.

namespace heddle::inline v0 {

/// Comes out of a wait of a node whose run was cancelled. Not a
/// `std::exception`, so that `catch (const std::exception&)` lets it pass: let
/// it end the node. A node that swallows it goes on for nobody, and its next
/// wait throws again.
class run_cancelled {};

/// Comes out of a wait whose operation was given up: the last copy of its
/// `completion` is gone, and nobody had called it.
class operation_abandoned : public std::runtime_error {
public:
  operation_abandoned()
    : std::runtime_error("the operation was dropped before it was done") {}
};

/// Where nodes wait and go on: the executor's pool and timers. Any thread may
/// call; nothing blocks.
class wait_host {
public:
  using timer = std::uint64_t; ///< 0: none.

  virtual ~wait_host() = default;

  /// Runs `go_on` soon, on a thread that may run user code.
  virtual void post(std::function<void()> go_on) = 0;

  /// Calls `fire` once, `delay` from now or later, from any thread, unless it
  /// is forgotten before.
  virtual timer after(std::chrono::nanoseconds delay,
                      std::function<void()> fire)
    = 0;
  /// Best effort: it may be about to fire.
  virtual void forget(timer which) = 0;
};

namespace detail {

/// One wait. Settled once: by its operation, or by a cancel.
class wait_state : public std::enable_shared_from_this<wait_state> {
public:
  virtual ~wait_state() = default;

  /// Makes the settling the caller's. @returns false if it was another's.
  bool claim() noexcept { return !claimed_.exchange(true); }

  /// After a `claim`, when the outcome is written: wakes who waits.
  void settle();

  void cancel() {
    if (!claim())
      return;
    cancelled_ = true;
    settle();
  }

  void fail(std::exception_ptr why) {
    if (!claim())
      return;
    error_ = std::move(why);
    settle();
  }

  bool settled() const noexcept { return ready_.load(); }
  void block() const { ready_.wait(false); }

  /// Throws if there is no outcome.
  void check() const {
    if (cancelled_)
      throw run_cancelled{};
    if (error_)
      std::rethrow_exception(error_);
  }

  std::coroutine_handle<> frame; ///< None: a thread blocks instead.
  wait_host* host = nullptr;
  std::atomic<wait_host::timer> timer{0};

private:
  std::atomic<bool> claimed_{false};
  std::atomic<bool> ready_{false};
  bool cancelled_ = false;
  std::exception_ptr error_;
};

template <class T>
class typed_wait final : public wait_state {
public:
  using kept = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

  std::optional<kept> value;
};

} // namespace detail

/// The waits of one node: at most one at a time. Shared by its coroutine and
/// who may cancel it.
class wait_place {
public:
  explicit wait_place(wait_host& host) noexcept : host_(&host) {}

  /// Where it goes on.
  wait_host& host() const noexcept { return *host_; }
  /// Set by `cancel`.
  std::stop_token stop_token() const noexcept { return stop_.get_token(); }
  /// Whether `cancel` was called.
  bool cancelled() const noexcept { return stop_.stop_requested(); }

  /// Ends the wait under way, and every later one at once. Any thread, once.
  void cancel();

  /// Forgets the wait under way: its coroutine is about to be destroyed.
  void drop();

  /// Enters a wait. @returns false if the node is cancelled.
  bool enter(const std::shared_ptr<detail::wait_state>& wait);
  /// The wait is over.
  void leave();

private:
  wait_host* host_;
  std::stop_source stop_;
  std::mutex mutex_;
  std::shared_ptr<detail::wait_state> current_;
};

/// Says that an operation is done. Copies are alike; the first call counts, any
/// thread may make it, also before `operation`'s start has returned.
template <class T>
class completion {
public:
  explicit completion(std::shared_ptr<detail::typed_wait<T>> wait)
    : last_(std::make_shared<guard>(std::move(wait))) {}

  template <class... Value>
  void operator()(Value&&... value) const {
    auto& wait = *last_->wait;
    if (!wait.claim())
      return;
    wait.value.emplace(std::forward<Value>(value)...);
    wait.settle();
  }

  /// Says that the operation has failed: the wait throws `why`.
  void fail(std::exception_ptr why) const { last_->wait->fail(std::move(why)); }

  /// The wait that it ends.
  detail::wait_state& wait() const noexcept { return *last_->wait; }

private:
  struct guard {
    explicit guard(std::shared_ptr<detail::typed_wait<T>> of) noexcept
      : wait(std::move(of)) {}
    ~guard() {
      if (!wait->settled())
        wait->fail(std::make_exception_ptr(operation_abandoned{}));
    }
    guard(const guard&) = delete;
    guard& operator=(const guard&) = delete;

    std::shared_ptr<detail::typed_wait<T>> wait;
  };

  std::shared_ptr<guard> last_;
};

/// Something to wait for: `co_await` it in a coroutine, or `.get()` it in a
/// function node, which blocks its pool thread. Made by what a node context
/// offers, or from any callback interface:
///
///     auto reply = co_await heddle::operation<std::string>{
///       [&](heddle::completion<std::string> done) {
///         client.async_ask(question, [done](std::string text) { done(text);
///         });
///       }};
///
/// `start` is called when the wait begins. If the run is cancelled, the wait
/// throws `run_cancelled` at once and the late completion is ignored: what it
/// writes to must be its own.
template <class T>
class [[nodiscard]] operation {
public:
  explicit operation(std::function<void(completion<T>)> start,
                     std::shared_ptr<wait_place> place = nullptr)
    : start_(std::move(start)), place_(std::move(place)) {}

  /// Blocks. Only for operations that a node context gave.
  T get() {
    wait_ = std::make_shared<detail::typed_wait<T>>();
    wait_->host = &place_->host();
    if (!place_->enter(wait_))
      throw run_cancelled{};
    begin(std::move(start_), completion<T>{wait_});
    wait_->block();
    return outcome();
  }

  bool await_ready() const noexcept { return false; }

  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> parent) {
    if (!place_)
      place_ = parent.promise().place();
    wait_ = std::make_shared<detail::typed_wait<T>>();
    wait_->host = &place_->host();
    wait_->frame = parent;
    if (!place_->enter(wait_))
      return false;
    // Once it has started, the coroutine may already run elsewhere and this
    // operation be gone: only copies from here.
    begin(std::move(start_), completion<T>{wait_});
    return true;
  }

  T await_resume() { return outcome(); }

private:
  using start_function = std::function<void(completion<T>)>;

  /// What `start` throws comes out of the wait.
  static void begin(start_function start, completion<T> done) {
    try {
      start(done);
    } catch (...) {
      done.fail(std::current_exception());
    }
  }

  T outcome() {
    place_->leave();
    if (!wait_->settled())
      throw run_cancelled{};
    wait_->check();
    if constexpr (!std::is_void_v<T>)
      return std::move(*wait_->value);
  }

  std::function<void(completion<T>)> start_;
  std::shared_ptr<wait_place> place_;
  std::shared_ptr<detail::typed_wait<T>> wait_;
};

/// Waits for some time, without a thread.
operation<void> delay(std::chrono::nanoseconds time);

} // namespace heddle::inline v0
