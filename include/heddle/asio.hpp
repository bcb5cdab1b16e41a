#pragma once

#include "heddle/error.hpp"
#include "heddle/future.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <memory>
#include <type_traits>
#include <utility>

// The one header of Heddle that includes Asio (Boost's, 1.81 or newer).

namespace heddle::inline v0 {

namespace detail {

/// A completion handler that is called once: with the answer, or because its
/// waiting was cancelled, whichever is first.
template <class T, class Handler>
class async_wait : public std::enable_shared_from_this<async_wait<T, Handler>> {
public:
  explicit async_wait(Handler handler)
    : handler_(std::move(handler)), work_(tracked(handler_)) {}

  void start(future<T> from) {
    namespace asio = boost::asio;
    std::weak_ptr<async_wait> weak = this->shared_from_this();
    auto slot = asio::get_associated_cancellation_slot(handler_);
    if (slot.is_connected())
      slot.assign([weak](asio::cancellation_type) {
        if (auto self = weak.lock())
          self->finish(error{errc::unavailable, "The wait was cancelled."});
      });
    from.then([self = this->shared_from_this()](result<T> value) {
      self->finish(std::move(value));
    });
  }

private:
  static auto tracked(const Handler& handler) {
    namespace asio = boost::asio;
    return asio::prefer(
      asio::get_associated_executor(handler, asio::system_executor{}),
      asio::execution::outstanding_work.tracked);
  }

  void finish(result<T> value) {
    namespace asio = boost::asio;
    if (done_.exchange(true))
      return;
    auto work = std::move(work_);
    // Never from within the function that began the wait.
    asio::post(work, [handler = std::move(handler_),
                      value = std::move(value)]() mutable {
      // The slot keeps what was assigned to it, and that is over.
      asio::get_associated_cancellation_slot(handler).clear();
      std::move(handler)(std::move(value));
    });
  }

  Handler handler_;
  decltype(tracked(std::declval<const Handler&>())) work_;
  std::atomic<bool> done_ = false;
};

} // namespace detail

/// Waits for the answer of an operation in the way that a completion token of
/// Asio says; the signature is `void(heddle::result<T>)`. In a coroutine:
///
///     auto thread = co_await heddle::async(srv.get_thread(id));
///
/// The handler is posted to its associated executor (without one, to the system
/// executor), which counts it as outstanding work. Cancellation of any type
/// ends the wait with `errc::unavailable`; what was asked for goes on, as it
/// was handed over already. Any thread.
template <class T, class Token = boost::asio::use_awaitable_t<>>
auto async(future<T> from, Token&& token = {}) {
  return boost::asio::async_initiate<Token, void(result<T>)>(
    [](auto handler, future<T> answer) {
      using handler_type = std::decay_t<decltype(handler)>;
      std::make_shared<detail::async_wait<T, handler_type>>(std::move(handler))
        ->start(std::move(answer));
    },
    token, std::move(from));
}

} // namespace heddle::inline v0
