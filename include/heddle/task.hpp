#pragma once

#include "heddle/wait.hpp"

#include <coroutine>
#include <exception>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

// Coroutines of graph nodes: `task<T>`, and what they wait for: other tasks and
// `operation`s. Threads: a coroutine runs on the executor's pool, on one thread
// at a time, and may change threads at every wait.

namespace heddle::inline v0 {

template <class T>
class task;

namespace detail {

/// What every task's frame holds beside its result.
class promise_base {
public:
  struct final_awaiter {
    bool await_ready() const noexcept { return false; }

    template <class Promise>
    std::coroutine_handle<>
    await_suspend(std::coroutine_handle<Promise> self) noexcept {
      promise_base& promise = self.promise();
      if (promise.continuation_)
        return promise.continuation_;
      // Copied: who is told may destroy the frame.
      auto done = std::move(promise.done_);
      if (done)
        done();
      return std::noop_coroutine();
    }

    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  final_awaiter final_suspend() const noexcept { return {}; }

  // A wait that is no task and no operation could not be cancelled: it does
  // not compile.
  template <class T>
  task<T>& await_transform(task<T>& child) noexcept {
    return child;
  }
  template <class T>
  task<T>&& await_transform(task<T>&& child) noexcept {
    return std::move(child);
  }
  template <class T>
  operation<T>&& await_transform(operation<T>&& what) noexcept {
    return std::move(what);
  }

  const std::shared_ptr<wait_place>& place() const noexcept { return place_; }

  void place(std::shared_ptr<wait_place> where) noexcept {
    place_ = std::move(where);
  }
  void continuation(std::coroutine_handle<> next) noexcept {
    continuation_ = next;
  }
  void when_done(std::function<void()> done) { done_ = std::move(done); }

private:
  std::shared_ptr<wait_place> place_;
  std::coroutine_handle<> continuation_;
  std::function<void()> done_;
};

template <class T>
class promise : public promise_base {
public:
  task<T> get_return_object() noexcept;

  template <class U>
  void return_value(U&& value) {
    result_.template emplace<1>(std::forward<U>(value));
  }
  void unhandled_exception() noexcept {
    result_.template emplace<2>(std::current_exception());
  }

  T take() {
    if (result_.index() == 2)
      std::rethrow_exception(std::get<2>(result_));
    return std::move(std::get<1>(result_));
  }

private:
  std::variant<std::monostate, T, std::exception_ptr> result_;
};

template <>
class promise<void> : public promise_base {
public:
  task<void> get_return_object() noexcept;

  void return_void() const noexcept {}
  void unhandled_exception() noexcept { error_ = std::current_exception(); }

  void take() {
    if (error_)
      std::rethrow_exception(error_);
  }

private:
  std::exception_ptr error_;
};

} // namespace detail

/// A coroutine that gives a `T`, or throws. Does nothing until it is awaited;
/// is awaited once. Destroying it destroys the coroutine, which must then be
/// finished or not yet started, or wait.
///
/// A node's arguments belong to its frame when they are taken by value. What a
/// coroutine *lambda* captures belongs to the lambda: the graph keeps the ones
/// that were given to its builder, but not those of your own helpers.
template <class T = void>
class [[nodiscard]] task {
public:
  using promise_type = detail::promise<T>;

  explicit task(std::coroutine_handle<promise_type> frame) noexcept
    : frame_(frame) {}
  task(task&& other) noexcept : frame_(std::exchange(other.frame_, {})) {}
  task& operator=(task&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~task() {
    if (frame_)
      frame_.destroy();
  }

  bool await_ready() const noexcept { return false; }

  template <class Promise>
  std::coroutine_handle<>
  await_suspend(std::coroutine_handle<Promise> parent) noexcept {
    frame_.promise().place(parent.promise().place());
    frame_.promise().continuation(parent);
    return frame_;
  }

  T await_resume() { return frame_.promise().take(); }

  /// For executors: runs it until it waits or ends. `done` is called once when
  /// it has ended, by the thread that ended it, and may destroy the task.
  void start(std::shared_ptr<wait_place> where, std::function<void()> done) {
    frame_.promise().place(std::move(where));
    frame_.promise().when_done(std::move(done));
    frame_.resume();
  }

  /// For executors: what it gave, after `done`.
  T take() { return frame_.promise().take(); }

private:
  std::coroutine_handle<promise_type> frame_;
};

namespace detail {

template <class T>
task<T> promise<T>::get_return_object() noexcept {
  return task<T>{std::coroutine_handle<promise>::from_promise(*this)};
}

inline task<void> promise<void>::get_return_object() noexcept {
  return task<void>{std::coroutine_handle<promise>::from_promise(*this)};
}

} // namespace detail

} // namespace heddle::inline v0
