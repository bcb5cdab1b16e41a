#pragma once

#include "http/front.hpp"
#include "runtime/runtime.hpp"
#include "tests/catch.hpp"
#include "tests/http/scripted_server.hpp"

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::test {

/// An answer as it came over the wire.
struct answer {
  unsigned status = 0;
  std::multimap<std::string, std::string> headers; ///< Names in lower case.
  std::string body;                                ///< Chunks put together.
  std::vector<std::string> chunks;
  bool whole = false; ///< The message ended as its framing says.

  std::string header(const std::string& name) const;
  bool has(const std::string& name) const { return headers.count(name) > 0; }
};

/// A blocking client that sends what it is told to, byte for byte. Waits five
/// seconds for anything, then fails.
class client {
public:
  /// `receive_bytes`: size of the receive buffer, for a slow reader.
  explicit client(std::uint16_t port, int receive_bytes = 0);
  ~client();
  client(client&& other) noexcept;
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  /// Gives up without an error if the peer has closed.
  void send(std::string_view bytes);

  /// `method path` with a host and, if there is one, a body.
  void request(std::string_view method, std::string_view path,
               std::string_view body = {}, std::string_view headers = {});

  /// Reads one answer. `to_head`: nothing of the body is waited for.
  answer read(bool to_head = false);
  /// As `read`, for an answer without a body whatever its headers say.
  answer read_head_only();

  /// Reads the next chunk of the answer; nothing at the last one or if the
  /// connection ends.
  std::optional<std::string> chunk();

  /// Whether the peer ends the connection, with nothing more sent before.
  bool ends();

  /// Ends it as a process does that exits.
  void close();
  /// Ends only what we send.
  void finish_sending();
  /// Ends it with a reset.
  void reset();

private:
  bool fill();
  std::optional<std::string> line();
  std::optional<std::string> bytes(std::size_t n);

  int socket_ = -1;
  std::string in_;
};

/// One HTTP side over a scripted server, on a port that the system chose.
struct loopback {
  explicit loopback(http_options opts = {});
  ~loopback();

  client connect(int receive_bytes = 0) {
    return client{http->port(), receive_bytes};
  }

  /// One request on a connection of its own.
  answer ask(std::string_view method, std::string_view path,
             std::string_view body = {}, std::string_view headers = {});

  script lines;
  runtime rt{2};
  std::unique_ptr<server> srv;
  std::unique_ptr<http_front> http;
};

/// Something that another thread will say once. Waits five seconds.
template <class T>
class slot {
public:
  void put(T value) {
    std::lock_guard guard{mutex_};
    value_ = std::move(value);
    filled_.notify_all();
  }

  std::optional<T> take(std::chrono::milliseconds limit
                        = std::chrono::seconds{5}) {
    std::unique_lock lock{mutex_};
    filled_.wait_for(lock, limit, [this] { return value_.has_value(); });
    return std::exchange(value_, std::nullopt);
  }

private:
  std::mutex mutex_;
  std::condition_variable filled_;
  std::optional<T> value_;
};

inline const std::string thread_text = "0190b6a1-7e4c-7000-8000-0000000000aa";
inline const std::string run_text = "0190b6a1-7e4c-7000-8000-000000000001";
inline const std::string run_route
  = "/threads/" + thread_text + "/runs/" + run_text;
inline const std::string by_status = R"({"status":"all"})"; ///< To cancel.

inline thread_id a_thread() {
  return *thread_id::parse(thread_text);
}
inline run_id a_run() {
  return *run_id::parse(run_text);
}

/// A run of `a_thread`, with payloads that can be shown.
run_record a_run_record();

} // namespace heddle::test
