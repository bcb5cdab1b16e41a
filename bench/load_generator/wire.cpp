#include "bench/load_generator/wire.hpp"

#include <boost/asio/redirect_error.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace heddle::load {

namespace {

using boost::system::error_code;

error_code last_error() {
  return {errno, boost::system::system_category()};
}

bool must_wait() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/// Requests go out at once. And whatever the system's way of sending is: some
/// pace by a timer for each request, and that is the generator's own CPU.
void configure(int fd) {
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4);
}

} // namespace

poller::poller(asio::io_context& io)
  : set_(epoll_create1(EPOLL_CLOEXEC)), watched_(io, set_) {
  // nop
}

poller::~poller() = default; // `watched_` closes it.

void poller::add(wire& one) {
  epoll_event what{};
  what.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  what.data.ptr = &one;
  epoll_ctl(set_, EPOLL_CTL_ADD, one.fd(), &what);
}

void poller::stop() {
  stopped_ = true;
  watched_.cancel();
}

task<> poller::run() {
  error_code failed;
  while (!stopped_) {
    co_await watched_.async_wait(asio::posix::descriptor_base::wait_read,
                                 asio::redirect_error(awaited, failed));
    while (!stopped_ && hand_out()) {
      // There may be more than one can take.
    }
  }
}

/// @returns whether there may be more.
bool poller::hand_out() {
  std::array<epoll_event, 128> found;
  auto n = epoll_wait(set_, found.data(), found.size(), 0);
  for (int i = 0; i < n; ++i) {
    auto& one
      = *static_cast<wire*>(found[static_cast<std::size_t>(i)].data.ptr);
    auto what = found[static_cast<std::size_t>(i)].events;
    one.ended_ = one.ended_ || (what & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    one.on_ready((what & EPOLLIN) != 0, (what & EPOLLOUT) != 0);
  }
  return n == static_cast<int>(found.size());
}

void wire::on_ready(bool in, bool out) {
  in_ = in_ || in;
  out_ = out_ || out;
  if (auto waiting = std::exchange(waiting_, std::nullopt))
    (*waiting)();
}

void wire::wake() {
  woken_ = true;
  on_ready(false, false);
}

task<> wire::change() {
  return asio::async_initiate<const asio::use_awaitable_t<executor>&, void()>(
    [this](auto&& after) { waiting_.emplace(std::move(after)); }, awaited);
}

task<error_code> wire::connect(asio::ip::tcp::endpoint to) {
  close();
  fd_ = socket(to.protocol().family(),
               SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0)
    co_return last_error();
  configure(fd_);
  in_ = out_ = ended_ = woken_ = false;
  if (::connect(fd_, to.data(), static_cast<socklen_t>(to.size())) != 0
      && errno != EINPROGRESS)
    co_return last_error();
  poller_.add(*this);
  while (!is_writable())
    co_await change();
  int why = woken_ ? ETIMEDOUT : 0;
  socklen_t size = sizeof why;
  if (!woken_)
    getsockopt(fd_, SOL_SOCKET, SO_ERROR, &why, &size);
  co_return error_code{why, boost::system::system_category()};
}

std::size_t wire::send(std::string_view bytes, error_code& failed) {
  auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  out_ = n == static_cast<ssize_t>(bytes.size());
  failed = n < 0 && !must_wait() ? last_error() : error_code{};
  return n < 0 ? 0 : static_cast<std::size_t>(n);
}

std::size_t wire::receive(char* into, std::size_t most, error_code& failed) {
  auto n = ::recv(fd_, into, most, 0);
  in_ = n == static_cast<ssize_t>(most); // Else there is no more.
  failed = {};
  if (n == 0)
    failed = asio::error::eof;
  else if (n < 0)
    failed = must_wait() ? asio::error::would_block : last_error();
  return n < 0 ? 0 : static_cast<std::size_t>(n);
}

void wire::close() {
  if (fd_ >= 0)
    ::close(fd_);
  fd_ = -1;
}

} // namespace heddle::load
