#include "bench/load_generator/bare.hpp"

#include "bench/load_generator/task.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <ctime>

namespace heddle::load {

namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

/// As Beast's own examples write a session.
asio::awaitable<void> serve(tcp::socket socket) {
  beast::tcp_stream stream{std::move(socket)};
  stream.socket().set_option(tcp::no_delay{true});
  beast::flat_buffer buffer;
  try {
    for (;;) {
      stream.expires_after(std::chrono::seconds{30});
      http::request<http::string_body> asked;
      co_await http::async_read(stream, buffer, asked, asio::use_awaitable);
      http::response<http::empty_body> answer{http::status::no_content,
                                              asked.version()};
      answer.set(http::field::server, "bare");
      answer.keep_alive(asked.keep_alive());
      answer.prepare_payload();
      co_await http::async_write(stream, answer, asio::use_awaitable);
    }
  } catch (const boost::system::system_error&) {
    co_return; // The client has left.
  }
}

asio::awaitable<void> listen(tcp::acceptor& door) {
  for (;;) {
    auto socket = co_await door.async_accept(asio::use_awaitable);
    asio::co_spawn(door.get_executor(), serve(std::move(socket)),
                   asio::detached);
  }
}

[[noreturn]] void serve_until_killed(int out) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  asio::io_context io{1};
  tcp::acceptor door{io, {asio::ip::address_v4::loopback(), 0}};
  auto port = door.local_endpoint().port();
  if (write(out, &port, sizeof port) != sizeof port)
    _exit(1);
  asio::co_spawn(io, listen(door), asio::detached);
  io.run();
  _exit(0);
}

} // namespace

bare_server::bare_server() {
  int ends[2];
  if (pipe(ends) != 0)
    throw broken{"no pipe"};
  pid_ = fork();
  if (pid_ == 0)
    serve_until_killed(ends[1]);
  close(ends[1]);
  auto n = read(ends[0], &port_, sizeof port_);
  close(ends[0]);
  if (n != sizeof port_)
    throw broken{"the bare server did not start"};
}

bare_server::~bare_server() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

std::chrono::nanoseconds bare_server::cpu() const {
  clockid_t clock{};
  timespec spent{};
  if (clock_getcpuclockid(pid_, &clock) != 0
      || clock_gettime(clock, &spent) != 0)
    throw broken{"the bare server is gone"};
  return std::chrono::seconds{spent.tv_sec}
         + std::chrono::nanoseconds{spent.tv_nsec};
}

} // namespace heddle::load
