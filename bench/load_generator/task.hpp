#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <stdexcept>

namespace heddle::load {

namespace asio = boost::asio;

/// Everything runs on the one OS thread of one io_context; that its type is
/// known saves time.
using executor = asio::io_context::executor_type;

// (Every `co_await` is a statement or an initializer of its own, none stands in
// a condition: g++ 12 makes programs of those that trap.)
template <class T = void>
using task = asio::awaitable<T, executor>;
inline constexpr asio::use_awaitable_t<executor> awaited;

using timer_type
  = asio::basic_waitable_timer<std::chrono::steady_clock,
                               asio::wait_traits<std::chrono::steady_clock>,
                               executor>;

/// The server did not keep to HTTP, or not to its time.
struct broken : std::runtime_error {
  using runtime_error::runtime_error;
};

/// An answer that is not what the API says: a failure of the server.
struct wrong : std::runtime_error {
  using runtime_error::runtime_error;
};

/// The server has no such route: not measured, and no failure.
struct unsupported : std::runtime_error {
  using runtime_error::runtime_error;
};

} // namespace heddle::load
