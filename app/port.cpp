#include "app/port.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>

namespace heddle::app {

namespace {

using addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

/// @returns an error number, or 0.
int try_to_bind(const addrinfo& where) {
  auto fd = ::socket(where.ai_family, where.ai_socktype | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return errno;
  int yes = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  auto failed
    = ::bind(fd, where.ai_addr, where.ai_addrlen) != 0 || ::listen(fd, 1) != 0;
  auto why = failed ? errno : 0;
  ::close(fd);
  return why;
}

} // namespace

result<void> check_port(const std::string& host, std::uint16_t port) {
  auto name = host + ":" + std::to_string(port);
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_NUMERICSERV | AI_PASSIVE;
  addrinfo* raw = nullptr;
  auto failed
    = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &raw);
  addresses found{raw, &freeaddrinfo};
  if (failed != 0)
    return error{errc::unavailable,
                 "cannot listen on " + name + ": " + gai_strerror(failed)};
  auto why = try_to_bind(*found);
  if (why == EADDRINUSE)
    return error{errc::unavailable,
                 "cannot listen on " + name
                   + ": the port is in use; choose another with --port"};
  if (why != 0)
    return error{errc::unavailable, "cannot listen on " + name + ": "
                                      + std::generic_category().message(why)};
  return {};
}

} // namespace heddle::app
