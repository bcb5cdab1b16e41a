#pragma once

#include "heddle/error.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::inline v0 {

class server;

/// One answered request, for an access log. The views live as long as the call.
/// Nothing in it is trusted: what is logged must be escaped.
struct access_record {
  std::string_view method;
  std::string_view path;       ///< As sent, without the query.
  std::string_view route;      ///< The pattern it met; empty: none.
  std::string_view request_id; ///< `[A-Za-z0-9._-]{1,128}`, or empty.
  std::string_view peer;       ///< Address and port.
  unsigned status = 0;
  std::chrono::nanoseconds took{0}; ///< To the answer, or a stream's head.
};

/// How the HTTP side listens and what it tolerates. The limits are defaults
/// that an operator may change; each has its answer.
struct http_options {
  std::string host = "127.0.0.1"; ///< An address or a name.
  std::uint16_t port = 2024;      ///< 0: the system chooses.

  /// Keys of which `x-api-key` must be one, on every route but `/ok`. Empty:
  /// open to all. Compared in constant time.
  std::vector<std::string> api_keys;
  /// Origins a browser may call from; `*`: any.
  std::vector<std::string> cors_origins = {"*"};

  // -- limits -----------------------------------------------------------------

  std::size_t header_bytes_max = 16U << 10U; ///< Else 431.
  std::size_t fields_max = 100;              ///< Else 431.
  std::size_t target_bytes_max = 8U << 10U;  ///< Else 414.
  std::size_t body_bytes_max = 32U << 20U;   ///< Else 413.
  std::size_t connections_max = 10'000;      ///< Else 503.
  /// Connections above that which may still cancel and ask for health.
  std::size_t reserved_connections = 64;
  /// What may wait to be sent to one reader of a stream; then it is cut.
  std::size_t unsent_bytes_max = 1U << 20U;

  std::chrono::milliseconds header_timeout{10'000};
  std::chrono::milliseconds body_idle_timeout{30'000};
  std::chrono::milliseconds keep_alive_timeout{75'000};
  std::chrono::milliseconds write_stall_timeout{30'000};
  /// For an answer of the server, on top of the stop grace; then 503.
  std::chrono::milliseconds answer_timeout{90'000};
  std::chrono::milliseconds heartbeat{5'000};

  // -- what is told about ourselves -------------------------------------------

  std::string version = "0.0.0";
  std::string graph_library_version; ///< `langgraph_py_version` of `/info`.
  /// The API description to serve. Empty: the one that was installed, if it is
  /// there; else none (404).
  std::string openapi_file;

  // -- hooks: any thread, may be called at the same time, must not block ------

  std::function<void(const access_record&)> on_access;
  /// A field of a run request that the API does not know; once per name.
  std::function<void(std::string_view)> on_unknown_field;
  /// An answer 500: its text, which the client does not see.
  std::function<void(std::string_view)> on_failure;
};

/// The HTTP API of a server: one listener, and sessions on the server's own OS
/// threads. It uses what `server` offers and nothing else. A server may have
/// several, or none. Each goes before its server does.
///
/// Thread safety: every member function may be called from any thread.
class http_front {
public:
  /// Listens; returns when connections are accepted.
  /// - `errc::unavailable`: with one line for humans (the port is in use, there
  ///   is no such address).
  /// - `errc::invalid_argument`: bad options.
  static result<std::unique_ptr<http_front>> listen(server& srv,
                                                    http_options opts);

  struct impl;
  explicit http_front(std::unique_ptr<impl> made);

  /// `stop_accepting`, and waits until every session is closed. Not on a thread
  /// of the server.
  ~http_front();

  http_front(const http_front&) = delete;
  http_front& operator=(const http_front&) = delete;

  /// Where it listens; of port 0, what the system chose.
  std::uint16_t port() const noexcept;

  /// Closes the listener. Connections stay; their requests are answered 503
  /// from the moment that the server does not accept any more.
  void stop_accepting();

  /// Closes what is left; a stream that is cut by this is not a disconnect.
  /// `done` is called once, on some thread, when no session is left.
  void close_all(std::function<void()> done);

private:
  std::unique_ptr<impl> impl_;
};

} // namespace heddle::inline v0
