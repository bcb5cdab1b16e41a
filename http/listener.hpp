#pragma once

#include "heddle/error.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <memory>
#include <optional>

namespace heddle::http {

struct context;

/// Accepts connections on the first shard and hands them to all shards in turn.
/// Only one server can listen on a port: the second one fails, loudly.
class listener : public std::enable_shared_from_this<listener> {
public:
  /// Binds; `start` accepts. Errors: `errc::unavailable`.
  static result<std::shared_ptr<listener>> bind(std::shared_ptr<context> ctx);

  void start();

  std::uint16_t port() const noexcept { return port_; }

  /// On the first shard.
  void close();

private:
  listener(std::shared_ptr<context> ctx, boost::asio::ip::tcp::acceptor made,
           std::uint16_t port);

  void accept();
  void take(boost::asio::ip::tcp::socket socket, std::size_t shard);
  void turn_away(boost::asio::ip::tcp::socket socket);

  const std::shared_ptr<context> ctx_;
  const std::uint16_t port_;
  std::optional<boost::asio::ip::tcp::acceptor> acceptor_;
  std::optional<boost::asio::steady_timer> pause_;
  std::size_t next_ = 0;
};

} // namespace heddle::http
