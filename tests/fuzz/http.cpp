#include "http/context.hpp"
#include "http/routes.hpp"
#include "http/session.hpp"
#include "tests/fuzz/answers.hpp"
#include "tests/fuzz/property.hpp"
#include "tests/http/scripted_server.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <thread>

// Bytes of a client through the real session, over a pair of sockets: parser,
// policy, admission, routes, bodies. Behind the routes nothing is there. The
// first byte says in how many pieces they come.

using namespace heddle;
using namespace heddle::fuzz;

namespace {

http_options small() {
  http_options opts;
  opts.body_bytes_max = 4096;
  opts.keep_alive_timeout = std::chrono::milliseconds{200};
  return opts;
}

/// Made once: it lives as long as the process.
struct house {
  house()
    : rt(1), srv(test::make_server(lines)),
      ctx(std::make_shared<http::context>(
        rt, *srv, small(), *http::key_ring::make({}), "{}", http::routes())) {
    // nop
  }

  test::script lines;
  runtime rt;
  std::unique_ptr<server> srv;
  std::shared_ptr<http::context> ctx;
};

void serve(house& home, int fd) {
  home.rt.run_on(0, [&home, fd] {
    boost::asio::ip::tcp::socket socket{home.rt.io(0)};
    socket.assign(boost::asio::ip::tcp::v4(), fd);
    home.ctx->connections.fetch_add(1);
    std::make_shared<http::session>(home.ctx, 0, std::move(socket), false)
      ->start();
  });
}

void send(int fd, std::string_view bytes, std::size_t pieces) {
  auto step = bytes.size() / pieces + 1;
  while (!bytes.empty()) {
    auto part = bytes.substr(0, step);
    bytes.remove_prefix(part.size());
    if (::send(fd, part.data(), part.size(), MSG_NOSIGNAL) < 0)
      break;
  }
  ::shutdown(fd, SHUT_WR);
}

std::string receive(int fd) {
  std::string all;
  std::array<char, 65536> some{};
  while (true) {
    auto got = ::recv(fd, some.data(), some.size(), 0);
    if (got <= 0)
      return all;
    all.append(some.data(), static_cast<std::size_t>(got));
  }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static auto* home = new house;
  auto text = text_of(data, std::min<std::size_t>(size, 60'000));
  auto pieces = choose(text, 4) + 1;
  std::array<int, 2> ends{};
  require(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0, "a pair");
  serve(*home, ends[0]);
  send(ends[1], text, pieces);
  auto said = receive(ends[1]);
  ::close(ends[1]);
  require_answers(said);
  return 0;
}
