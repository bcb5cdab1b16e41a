#include "http/listener.hpp"

#include "http/context.hpp"
#include "http/session.hpp"

#include <boost/asio/write.hpp>

#include <string_view>
#include <utility>

namespace heddle::http {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// How long to leave the listener alone when the process is out of files.
constexpr std::chrono::milliseconds pause_when_full{100};

constexpr std::string_view turned_away
  = "HTTP/1.1 503 Service Unavailable\r\n"
    "vary: Origin\r\n"
    "content-type: application/json\r\n"
    "retry-after: 1\r\n"
    "content-length: 33\r\n"
    "connection: close\r\n\r\n"
    "{\"detail\":\"Too many connections\"}";

std::string describe(const http_options& opts, const error_code& why) {
  return "cannot listen on " + opts.host + ":" + std::to_string(opts.port)
         + ": " + why.message();
}

result<tcp::endpoint> find_endpoint(asio::io_context& io,
                                    const http_options& opts) {
  error_code failed;
  auto address = asio::ip::make_address(opts.host, failed);
  if (!failed)
    return tcp::endpoint{address, opts.port};
  tcp::resolver resolver{io};
  auto found = resolver.resolve(opts.host, std::to_string(opts.port),
                                tcp::resolver::passive, failed);
  if (failed || found.empty())
    return error{errc::unavailable, describe(opts, failed)};
  return found.begin()->endpoint();
}

} // namespace

result<std::shared_ptr<listener>> listener::bind(std::shared_ptr<context> ctx) {
  auto& io = ctx->rt.io(0);
  auto endpoint = find_endpoint(io, ctx->opts);
  if (!endpoint)
    return endpoint.error();
  error_code failed;
  tcp::acceptor acceptor{io};
  acceptor.open(endpoint->protocol(), failed);
  if (!failed)
    acceptor.set_option(tcp::acceptor::reuse_address{true}, failed);
  if (!failed)
    acceptor.bind(*endpoint, failed);
  if (!failed)
    acceptor.listen(asio::socket_base::max_listen_connections, failed);
  if (failed)
    return error{errc::unavailable, describe(ctx->opts, failed)};
  auto port = acceptor.local_endpoint().port();
  return std::shared_ptr<listener>{
    new listener{std::move(ctx), std::move(acceptor), port}};
}

listener::listener(std::shared_ptr<context> ctx, tcp::acceptor made,
                   std::uint16_t port)
  : ctx_(std::move(ctx)), port_(port), acceptor_(std::move(made)),
    pause_(ctx_->rt.io(0)) {
  // nop
}

void listener::start() {
  ctx_->rt.run_on(0, [self = shared_from_this()] { self->accept(); });
}

void listener::accept() {
  if (!acceptor_)
    return;
  auto shard = next_++ % ctx_->rt.shards();
  acceptor_->async_accept(
    ctx_->rt.io(shard), [self = shared_from_this(),
                         shard](const error_code& failed, tcp::socket socket) {
      if (!self->acceptor_ || failed == asio::error::operation_aborted)
        return;
      if (!failed) {
        self->take(std::move(socket), shard);
        return self->accept();
      }
      self->pause_->expires_after(pause_when_full);
      self->pause_->async_wait([self](const error_code& stopped) {
        if (!stopped)
          self->accept();
      });
    });
}

void listener::take(tcp::socket socket, std::size_t shard) {
  auto before = ctx_->connections.fetch_add(1, std::memory_order_relaxed);
  auto reserved = before >= ctx_->opts.connections_max;
  if (before >= ctx_->opts.connections_max + ctx_->opts.reserved_connections) {
    ctx_->connections.fetch_sub(1, std::memory_order_relaxed);
    return turn_away(std::move(socket));
  }
  auto made
    = std::make_shared<session>(ctx_, shard, std::move(socket), reserved);
  ctx_->rt.run_on(shard, [made] { made->start(); });
}

// A fresh socket takes this much without waiting.
void listener::turn_away(tcp::socket socket) {
  error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(turned_away), ignored);
  socket.shutdown(tcp::socket::shutdown_send, ignored);
}

void listener::close() {
  acceptor_.reset();
  pause_.reset();
}

} // namespace heddle::http
