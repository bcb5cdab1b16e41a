#include "http/wire.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/socket_base.hpp>

#include <utility>

namespace heddle::http {

namespace asio = boost::asio;
using boost::system::error_code;

wire::wire(asio::ip::tcp::socket socket) : socket_(std::move(socket)) {
  error_code ignored; // A socket that fails here fails again when it is used.
  socket_->non_blocking(true, ignored);
  socket_->set_option(asio::ip::tcp::no_delay{true}, ignored);
}

void wire::flush(const owner_ptr& self) {
  while (socket_ && !stalled_ && !out_.empty()) {
    error_code failed;
    auto written = socket_->write_some(out_.front(), failed);
    if (failed == asio::error::would_block)
      return wait_for_room(self);
    if (failed)
      return self->on_lost();
    out_.consume(written);
  }
}

void wire::wait_for_room(const owner_ptr& self) {
  stalled_ = clock::now();
  socket_->async_wait(
    asio::socket_base::wait_write, [this, self](const error_code& failed) {
      if (!socket_ || failed == asio::error::operation_aborted)
        return;
      stalled_.reset();
      flush(self);
      if (socket_)
        self->on_progress();
    });
}

void wire::read(asio::mutable_buffer into, owner_ptr self) {
  reading_ = true;
  auto* socket = &*socket_;
  socket->async_read_some(into, [this, self = std::move(self)](
                                  const error_code& failed, std::size_t bytes) {
    reading_ = false;
    if (!socket_)
      return;
    if (failed == asio::error::eof)
      self->on_eof();
    else if (failed)
      self->on_lost();
    else
      self->on_read(bytes);
  });
}

void wire::await_input(owner_ptr self) {
  if (!socket_ || std::exchange(awaiting_, true))
    return;
  auto* socket = &*socket_;
  socket->async_wait(asio::socket_base::wait_read,
                     [this, self = std::move(self)](const error_code& failed) {
                       awaiting_ = false;
                       if (socket_ && failed != asio::error::operation_aborted)
                         self->on_readable();
                     });
}

std::size_t wire::read_now(asio::mutable_buffer into, owner& self) {
  if (!socket_)
    return 0;
  error_code failed;
  auto bytes = socket_->read_some(into, failed);
  if (failed == asio::error::would_block)
    return 0;
  if (failed == asio::error::eof)
    self.on_eof();
  else if (failed)
    self.on_lost();
  return failed ? 0 : bytes;
}

void wire::watch(owner_ptr self) {
  if (!socket_ || std::exchange(watching_, true))
    return;
  auto* socket = &*socket_;
  socket->async_wait(asio::socket_base::wait_error,
                     [this, self = std::move(self)](const error_code& failed) {
                       watching_ = false;
                       if (socket_ && failed != asio::error::operation_aborted)
                         self->on_lost();
                     });
}

void wire::shut_down() {
  error_code ignored;
  if (socket_)
    socket_->shutdown(asio::socket_base::shutdown_send, ignored);
}

void wire::close(bool reset) {
  if (!socket_)
    return;
  error_code ignored;
  if (reset)
    socket_->set_option(asio::socket_base::linger{true, 0}, ignored);
  socket_.reset();
  stalled_.reset();
}

} // namespace heddle::http
