#pragma once

#include "bench/load_generator/task.hpp"

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace heddle::load {

class wire;

/// Tells sockets when they are ready: an epoll set that Asio watches as a
/// single descriptor. With a socket of Asio's a request costs one system call
/// more, to wait for its answer, and that is a sixth of all that it costs.
class poller {
public:
  explicit poller(asio::io_context& io);
  ~poller();
  poller(const poller&) = delete;
  poller& operator=(const poller&) = delete;

  void add(wire& one);

  /// From `start` until `stop`.
  task<> run();
  void start() noexcept { stopped_ = false; }
  void stop();

private:
  bool hand_out();

  int set_;
  asio::posix::basic_stream_descriptor<executor> watched_;
  bool stopped_ = false;
};

/// A TCP socket that never blocks. Only on the thread of its poller.
class wire {
public:
  explicit wire(poller& by) : poller_(by) {}
  ~wire() { close(); }
  wire(const wire&) = delete;
  wire& operator=(const wire&) = delete;

  bool is_open() const noexcept { return fd_ >= 0; }
  int fd() const noexcept { return fd_; }

  task<boost::system::error_code> connect(asio::ip::tcp::endpoint to);
  /// @returns how much was sent; perhaps nothing, and then perhaps why.
  std::size_t send(std::string_view bytes, boost::system::error_code& failed);
  /// The same of what was received. `eof` at the end.
  std::size_t receive(char* into, std::size_t most,
                      boost::system::error_code& failed);

  /// Whether to receive, or to send; also after a `wake`.
  bool is_readable() const noexcept { return in_ || ended_ || woken_; }
  bool is_writable() const noexcept { return out_ || woken_; }
  /// Waits until one of these may have changed.
  task<> change();
  /// Ends what is waited for, now or next, until `calm`.
  void wake();
  void calm() noexcept { woken_ = false; }

  void close();

private:
  friend class poller;
  using handler
    = asio::async_result<asio::use_awaitable_t<executor>, void()>::handler_type;

  void on_ready(bool in, bool out);

  poller& poller_;
  int fd_ = -1;
  bool in_ = false;    ///< May have something to receive.
  bool out_ = false;   ///< Can perhaps be sent to, since the last attempt.
  bool ended_ = false; ///< The other side has closed, or it is broken.
  bool woken_ = false;
  std::optional<handler> waiting_;
};

} // namespace heddle::load
