#include "bench/lib/load.hpp"

#include "bench/lib/child.hpp"
#include "bench/lib/http_answer.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>

namespace heddle::bench {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using clock = std::chrono::steady_clock;

tcp::endpoint here(std::uint16_t port) {
  return {asio::ip::address_v4::loopback(), port};
}

/// One connection of a load.
class caller {
public:
  caller(asio::io_context& io, const load& what, measured& into)
    : what_(what), into_(into), socket_(io) {
    socket_.connect(here(what.port));
    socket_.set_option(tcp::no_delay{true});
  }

  void ask() {
    request_.clear();
    if (!what_.next(request_))
      return;
    begun_ = clock::now();
    asio::write(socket_, asio::buffer(request_)); // Fits the socket's buffer.
    read();
  }

private:
  void read() {
    socket_.async_read_some(
      asio::buffer(piece_),
      [this](const boost::system::error_code& failed, std::size_t n) {
        if (failed)
          throw std::runtime_error{"the server closed a connection"};
        answer_.add({piece_.data(), n});
        if (!answer_.whole())
          return read();
        took();
        ask();
      });
  }

  void took() {
    std::chrono::duration<float, std::micro> time = clock::now() - begun_;
    into_.us.push_back(time.count());
    if (answer_.status() != what_.status)
      throw std::runtime_error{"an answer was " + answer_.text()};
    if (what_.answered)
      what_.answered(answer_.body());
    answer_.reset();
  }

  const load& what_;
  measured& into_;
  tcp::socket socket_;
  std::string request_;
  std::array<char, 16'384> piece_;
  http_answer answer_;
  clock::time_point begun_;
};

} // namespace

void measured::add(const measured& more) {
  auto before = static_cast<double>(us.size());
  auto added = static_cast<double>(more.us.size());
  if (added == 0)
    return;
  cpu_us = (cpu_us * before + more.cpu_us * added) / (before + added);
  seconds += more.seconds;
  us.insert(us.end(), more.us.begin(), more.us.end());
  std::sort(us.begin(), us.end());
}

double measured::per_second() const {
  return static_cast<double>(us.size()) / seconds;
}

double measured::percentile(double q) const {
  if (us.empty())
    return 0;
  return us[static_cast<std::size_t>(static_cast<double>(us.size() - 1) * q)];
}

measured run(const load& what, const child& server) {
  asio::io_context io{1};
  measured result;
  result.us.reserve(1U << 16U);
  std::vector<std::unique_ptr<caller>> callers;
  for (std::size_t i = 0; i < what.connections; ++i)
    callers.push_back(std::make_unique<caller>(io, what, result));
  auto cpu = server.cpu();
  auto begun = clock::now();
  for (auto& one : callers)
    one->ask();
  io.run();
  result.seconds = std::chrono::duration<double>(clock::now() - begun).count();
  std::chrono::duration<double, std::micro> spent = server.cpu() - cpu;
  result.cpu_us = spent.count() / static_cast<double>(result.us.size());
  std::sort(result.us.begin(), result.us.end());
  return result;
}

std::function<bool(std::string&)> repeat(std::string request,
                                         std::chrono::milliseconds time) {
  return [request = std::move(request),
          until = clock::now() + time](std::string& out) {
    out += request;
    return clock::now() < until;
  };
}

std::string request_text(std::string_view path, std::string_view body) {
  std::string text{path};
  text += " HTTP/1.1\r\nhost: localhost\r\ncontent-length: "
          + std::to_string(body.size()) + "\r\n";
  if (!body.empty())
    text += "content-type: application/json\r\n";
  return text.append("\r\n").append(body);
}

std::string ask(std::uint16_t port, std::string_view path,
                std::string_view body) {
  asio::io_context io{1};
  tcp::socket socket{io};
  socket.connect(here(port));
  asio::write(socket, asio::buffer(request_text(path, body)));
  http_answer got;
  std::array<char, 16'384> piece;
  while (!got.whole())
    got.add({piece.data(), socket.read_some(asio::buffer(piece))});
  if (got.status() >= 300)
    throw std::runtime_error{std::string{path} + ": " + got.text()};
  return std::string{got.body()};
}

} // namespace heddle::bench
