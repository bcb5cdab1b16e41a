#pragma once

#include "heddle/error.hpp"
#include "heddle/server_thread.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace heddle::inline v0 {

namespace detail {

/// What a future and the callback that fills it share.
template <class T>
class future_state {
public:
  /// Any thread. Later ones are ignored.
  void set(result<T> value) {
    std::unique_lock lock{mutex_};
    if (set_)
      return;
    set_ = true;
    if (then_) {
      auto then = std::exchange(then_, {});
      lock.unlock();
      return then(std::move(value));
    }
    value_ = std::move(value);
    // Under the lock: whoever waits may be the last to need this.
    ready_.notify_all();
  }

  bool ready() {
    std::lock_guard guard{mutex_};
    return value_.has_value();
  }

  result<T> wait(std::chrono::nanoseconds patience) {
    std::unique_lock lock{mutex_};
    if (!value_ && on_server_thread())
      return error{errc::conflict,
                   "A thread of the server must not wait for the server."};
    auto until = std::chrono::steady_clock::now()
                 + std::min<std::chrono::nanoseconds>(patience, patience_max);
    if (!ready_.wait_until(lock, until, [this] { return value_.has_value(); }))
      return error{errc::unavailable, "There was no answer in time."};
    return *std::exchange(value_, std::nullopt);
  }

  /// Whether the value has been taken out.
  bool over() {
    std::lock_guard guard{mutex_};
    return set_ && !value_;
  }

  void then(std::function<void(result<T>)> f) {
    std::unique_lock lock{mutex_};
    if (!value_) {
      then_ = std::move(f);
      return;
    }
    auto value = *std::exchange(value_, std::nullopt);
    lock.unlock();
    f(std::move(value));
  }

private:
  /// What can be added to any time of the clock.
  static constexpr std::chrono::hours patience_max{24 * 365 * 100};

  std::mutex mutex_;
  std::condition_variable ready_;
  std::optional<result<T>> value_;
  std::function<void(result<T>)> then_;
  bool set_ = false;
};

/// Answers for a callback that is dropped without having been called.
template <class T>
struct future_end {
  std::shared_ptr<future_state<T>> state;

  ~future_end() {
    state->set(error{errc::unavailable, "The server has gone."});
  }
};

} // namespace detail

/// The answer of an operation that was begun without a callback: to be waited
/// for, or to go on with. Dropping it drops the answer, not the operation. One
/// OS thread at a time uses it; which one, does not matter.
///
/// `heddle/asio.hpp` makes one awaitable with any completion token of Asio.
template <class T>
class future {
public:
  using callback = std::function<void(result<T>)>;

  /// No answer will come: the operation was given a callback.
  future() = default;

  /// For who begins an operation: makes `done` fill this future, unless there
  /// is a callback in it.
  explicit future(callback& done) {
    if (done)
      return;
    state_ = std::make_shared<detail::future_state<T>>();
    auto end = std::make_shared<detail::future_end<T>>(state_);
    done = [end](result<T> value) { end->state->set(std::move(value)); };
  }

  future(future&&) noexcept = default;
  future& operator=(future&&) noexcept = default;

  /// Whether an answer will come here, or has.
  bool valid() const noexcept { return state_ != nullptr; }

  /// Whether `get` would return at once.
  bool ready() const { return state_ && state_->ready(); }

  /// Waits for the answer and takes it out, so that `valid` is false then.
  /// - `errc::unavailable`: there was none within `patience`. It may still come
  ///   here, and what was asked for goes on. Or the server has gone.
  /// - `errc::conflict`: this is a thread of a server, which would wait for
  ///   itself (`on_server_thread`); or there is nothing to wait for.
  /// - what the operation answers.
  result<T> get(std::chrono::nanoseconds patience) {
    if (!state_)
      return error{errc::conflict, "There is no answer to wait for."};
    auto value = state_->wait(patience);
    if (state_->over())
      state_.reset();
    return value;
  }

  /// Calls `f` with the answer, once: on this thread if it is there, else on
  /// the one that brings it. Then this is not valid any more.
  void then(callback f) {
    if (auto state = std::exchange(state_, nullptr))
      return state->then(std::move(f));
    f(error{errc::conflict, "There is no answer to wait for."});
  }

private:
  std::shared_ptr<detail::future_state<T>> state_;
};

} // namespace heddle::inline v0
