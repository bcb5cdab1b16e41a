#pragma once

#include "heddle/error.hpp"
#include "http/options.hpp"

#include <cstdint>
#include <functional>
#include <memory>

namespace heddle {

class runtime;
class server;

/// The HTTP API of a server: one listener, and sessions on the shards of a
/// runtime. Both must outlive it.
///
/// Thread safety: every member function may be called from any thread.
class front {
public:
  /// Listens. Errors: `errc::unavailable` with one line for humans (the port is
  /// in use, no such address), `errc::invalid_argument` for bad options.
  static result<std::unique_ptr<front>> listen(runtime& rt, server& srv,
                                               http_options opts);

  /// `stop_accepting`, and waits until every session is closed. Not to be
  /// destroyed on a shard's thread.
  ~front();

  front(const front&) = delete;
  front& operator=(const front&) = delete;

  std::uint16_t port() const noexcept;

  /// Closes the listener. Connections stay; their requests are answered 503
  /// from the moment that the server does not accept any more.
  void stop_accepting();

  /// Closes what is left; a stream that is cut by this is not a disconnect.
  /// `done` is called once, on some shard, when no session is left.
  void close_all(std::function<void()> done);

private:
  struct impl;
  explicit front(std::unique_ptr<impl> made);

  std::unique_ptr<impl> impl_;
};

namespace http {
using heddle::front;
using heddle::http_options;
} // namespace http

} // namespace heddle
