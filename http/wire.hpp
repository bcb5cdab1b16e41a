#pragma once

#include "http/outbox.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <memory>
#include <optional>

namespace heddle::http {

/// The socket of one session and what waits to go out. Lives on one shard; all
/// calls are made there. Writes are tried at once; only what the kernel does
/// not take is waited for.
class wire {
public:
  using clock = std::chrono::steady_clock;

  /// What happens to it. Each is called from the shard's loop, or, `on_lost`,
  /// from `flush`.
  class owner {
  public:
    virtual ~owner() = default;
    virtual void on_read(std::size_t bytes) = 0;
    /// `read_now` would give something.
    virtual void on_readable() = 0;
    /// The peer will send nothing more: it closed, or closed this direction.
    virtual void on_eof() = 0;
    /// The peer or the network failed.
    virtual void on_lost() = 0;
    /// Something went out after a wait; perhaps all.
    virtual void on_progress() = 0;
  };
  using owner_ptr = std::shared_ptr<owner>;

  explicit wire(boost::asio::ip::tcp::socket socket);

  bool open() const noexcept { return socket_.has_value(); }
  outbox& out() noexcept { return out_; }
  const outbox& out() const noexcept { return out_; }

  /// Writes what it can. Keeps `self` alive while it waits for room.
  void flush(const owner_ptr& self);

  /// Reads something into `into`, which must live until `close`.
  void read(boost::asio::mutable_buffer into, owner_ptr self);
  bool reading() const noexcept { return reading_; }

  /// Waits until something can be read, without a place to read it to.
  void await_input(owner_ptr self);
  /// Reads what is there. @returns 0 if there is nothing, or after `on_eof` or
  /// `on_lost`.
  std::size_t read_now(boost::asio::mutable_buffer into, owner& self);

  /// Calls `on_lost` when the socket reports an error or that both directions
  /// are closed. This is how a peer that closed is told from one that closed
  /// its sending direction only: the first answers our next write with a reset.
  void watch(owner_ptr self);

  /// No more is sent; the peer sees the end of the stream.
  void shut_down();

  /// At once: nothing more is called. With `reset`, the peer learns that the
  /// end is not the end of the message, whatever is still buffered.
  void close(bool reset = false);

  /// Since when nothing could be written, though something waits.
  std::optional<clock::time_point> stalled_since() const noexcept {
    return stalled_;
  }

private:
  void wait_for_room(const owner_ptr& self);

  std::optional<boost::asio::ip::tcp::socket> socket_;
  outbox out_;
  std::optional<clock::time_point> stalled_;
  bool reading_ = false;
  bool awaiting_ = false;
  bool watching_ = false;
};

} // namespace heddle::http
