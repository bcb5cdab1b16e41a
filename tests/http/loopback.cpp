#include "tests/http/loopback.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <utility>

namespace heddle::test {

namespace {

constexpr int patience_seconds = 5;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return text;
}

std::optional<std::size_t> number(std::string_view text, int base) {
  std::size_t value = 0;
  auto [end, failed]
    = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (failed != std::errc{})
    return std::nullopt;
  return value;
}

} // namespace

std::string answer::header(const std::string& name) const {
  auto at = headers.find(name);
  return at == headers.end() ? "" : at->second;
}

// -- client -------------------------------------------------------------------

client::client(std::uint16_t port, int receive_bytes)
  : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  timeval patience{patience_seconds, 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (receive_bytes > 0)
    setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_bytes,
               sizeof receive_bytes);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto failed
    = ::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  REQUIRE(failed == 0);
}

client::client(client&& other) noexcept
  : socket_(std::exchange(other.socket_, -1)), in_(std::move(other.in_)) {
  // nop
}

client::~client() {
  close();
}

void client::close() {
  if (auto socket = std::exchange(socket_, -1); socket >= 0)
    ::close(socket);
}

void client::finish_sending() {
  ::shutdown(socket_, SHUT_WR);
}

void client::reset() {
  linger now{1, 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close();
}

void client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    auto n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0)
      return;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void client::request(std::string_view method, std::string_view path,
                     std::string_view body, std::string_view headers) {
  std::string text;
  text.append(method).append(" ").append(path).append(" HTTP/1.1\r\n");
  text.append("Host: localhost\r\n").append(headers);
  if (!body.empty())
    text.append("Content-Length: " + std::to_string(body.size()) + "\r\n");
  text.append("\r\n").append(body);
  send(text);
}

bool client::fill() {
  char more[16'384];
  auto n = ::recv(socket_, more, sizeof more, 0);
  if (n <= 0)
    return false;
  in_.append(more, static_cast<std::size_t>(n));
  return true;
}

std::optional<std::string> client::line() {
  for (;;) {
    auto at = in_.find("\r\n");
    if (at != std::string::npos) {
      auto text = in_.substr(0, at);
      in_.erase(0, at + 2);
      return text;
    }
    if (!fill())
      return std::nullopt;
  }
}

std::optional<std::string> client::bytes(std::size_t n) {
  while (in_.size() < n)
    if (!fill())
      return std::nullopt;
  auto text = in_.substr(0, n);
  in_.erase(0, n);
  return text;
}

answer client::read_head_only() {
  answer got;
  auto status = line();
  if (!status || !status->starts_with("HTTP/1.1 "))
    return got;
  got.status = static_cast<unsigned>(
    number(std::string_view{*status}.substr(9, 3), 10).value_or(0));
  for (auto field = line(); field && !field->empty(); field = line()) {
    auto colon = field->find(": ");
    REQUIRE(colon != std::string::npos);
    got.headers.emplace(lower(field->substr(0, colon)),
                        field->substr(colon + 2));
  }
  return got;
}

answer client::read(bool to_head) {
  auto got = read_head_only();
  while (got.status == 100)
    got = read_head_only();
  if (to_head || got.status == 0)
    return got;
  if (got.header("transfer-encoding") == "chunked") {
    for (auto piece = chunk(); piece; piece = chunk()) {
      got.whole = piece->empty();
      if (got.whole)
        break;
      got.body += *piece;
      got.chunks.push_back(std::move(*piece));
    }
    return got;
  }
  auto length = number(got.header("content-length"), 10);
  auto body = bytes(length.value_or(0));
  got.whole = body.has_value();
  got.body = body.value_or("");
  return got;
}

std::optional<std::string> client::chunk() {
  auto head = line();
  if (!head)
    return std::nullopt;
  auto size = number(*head, 16);
  if (!size)
    return std::nullopt;
  auto body = bytes(*size);
  if (!body || line() != "")
    return std::nullopt;
  return body;
}

bool client::ends() {
  if (!in_.empty())
    return false;
  char one = 0;
  auto n = ::recv(socket_, &one, 1, 0);
  return n == 0 || (n < 0 && errno == ECONNRESET);
}

// -- loopback -----------------------------------------------------------------

loopback::loopback(http_options opts) : srv(make_server(lines)) {
  opts.port = 0;
  auto made = listen_on(rt, *srv, std::move(opts));
  REQUIRE(made.has_value());
  http = std::move(*made);
}

loopback::~loopback() {
  http.reset();
  rt.stop();
}

answer loopback::ask(std::string_view method, std::string_view path,
                     std::string_view body, std::string_view headers) {
  auto peer = connect();
  peer.request(method, path, body, headers);
  return method == "HEAD" ? peer.read_head_only() : peer.read();
}

run_record a_run_record() {
  run_record run;
  run.id = a_run();
  run.thread = a_thread();
  run.metadata = json_text{"{}"};
  run.kwargs = json_text{"{}"};
  return run;
}

} // namespace heddle::test
