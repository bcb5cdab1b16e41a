#include "bench/lib/follow.hpp"

#include "bench/lib/load.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace heddle::bench {

follower::follower(std::uint16_t port, std::string_view path,
                   std::string_view body)
  : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto text = request_text(path, body);
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0
      || send(socket_, text.data(), text.size(), MSG_NOSIGNAL) < 0)
    throw std::runtime_error{"cannot connect"};
  if (!until("\r\n\r\n") || !text_.starts_with("HTTP/1.1 200"))
    throw std::runtime_error{std::string{path} + ": " + text_};
  text_.erase(0, text_.find("\r\n\r\n") + 4);
}

follower::~follower() {
  close(socket_);
}

std::size_t follower::read() {
  std::array<char, 65'536> piece;
  auto n = recv(socket_, piece.data(), piece.size(), 0);
  if (n <= 0)
    return 0;
  text_.append(piece.data(), static_cast<std::size_t>(n));
  return static_cast<std::size_t>(n);
}

bool follower::until(std::string_view mark) {
  std::size_t seen = 0;
  while (text_.find(mark, seen) == std::string::npos) {
    seen = text_.size() < mark.size() ? 0 : text_.size() - mark.size();
    if (read() == 0)
      return false;
  }
  return true;
}

void read_until_over(followers& all, const std::function<void()>& on_over) {
  std::vector<pollfd> waiting;
  for (const auto& one : all)
    waiting.push_back({one->fd(), POLLIN, 0});
  for (std::size_t left = all.size(); left > 0;) {
    poll(waiting.data(), waiting.size(), -1);
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (waiting[i].revents == 0)
        continue;
      if (all[i]->read() == 0)
        throw std::runtime_error{"a stream broke off"};
      if (!all[i]->over())
        continue;
      waiting[i].fd = -1; // poll() passes it over.
      --left;
      on_over();
    }
  }
}

} // namespace heddle::bench
