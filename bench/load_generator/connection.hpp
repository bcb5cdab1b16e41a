#pragma once

#include "bench/load_generator/answer.hpp"
#include "bench/load_generator/latencies.hpp"
#include "bench/load_generator/listener.hpp"
#include "bench/load_generator/settings.hpp"
#include "bench/load_generator/task.hpp"
#include "bench/load_generator/wire.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

namespace heddle::load {

class connection;

/// Closes connections that wait for longer than they may. One timer for all:
/// one for each request would cost more than the request.
class watch {
public:
  explicit watch(asio::io_context& io) : timer_(io) {}

  void add(connection& one) { all_.insert(&one); }
  void remove(connection& one) { all_.erase(&one); }

  /// Looks every 20 ms, from `start` until `stop`.
  task<> look();
  void start() noexcept { stopped_ = false; }
  void stop();

private:
  timer_type timer_;
  bool stopped_ = false;
  std::unordered_set<connection*> all_;
};

/// A server and what all its connections have in common.
struct server {
  server(asio::io_context& io, const target& at, const settings& how);

  /// Looks after the connections until `stop`.
  void attend();
  void stop();

  asio::io_context& io;
  target at;
  asio::ip::tcp::endpoint endpoint;
  std::string head; ///< Of every request, behind the path.
  clock::duration timeout;
  poller ready;
  watch patience;
  listener_process process;
};

/// A kept connection with one request under way. Made anew when it was lost.
/// Every call may throw `broken`.
class connection {
public:
  explicit connection(server& to);
  ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// Connects, if it is not connected: before the clock runs.
  task<> warm();

  /// Sends a request, and waits for all of its answer: `got`.
  task<> ask(std::string_view method, std::string_view path,
             std::string_view body = {}, std::string_view fields = {});

  /// Sends a request, and waits for the head of its answer. If that is a
  /// stream, `more` brings its events; else all of it is there.
  task<> open(std::string_view method, std::string_view path,
              std::string_view body = {}, std::string_view fields = {});

  /// Waits for more of a stream, and passes what came on to `events`. False: it
  /// has come to its proper end.
  task<bool> more();

  const answer& got() const noexcept { return got_; }
  sse_parser& events() noexcept { return events_; }

  /// For a stream in which nothing may happen for long; until the next request,
  /// or until it is called with false.
  void be_patient(bool so = true);

  /// Leaves, whatever is under way.
  void close();

  /// Breaks off what has waited for too long.
  void look(clock::time_point now);

private:
  void write_request(std::string_view method, std::string_view path,
                     std::string_view body, std::string_view fields);
  task<> exchange(bool whole);
  task<> connect();
  task<> send_rest();
  bool send();
  void check_time();
  bool is_read(bool whole) const;
  bool was_left() const;
  void read_some();
  void parse();
  void on_end();
  void finish();
  [[noreturn]] void give_up(std::string_view why);

  server& to_;
  wire wire_;
  std::string out_;
  std::array<char, 65'536> in_;
  std::size_t begin_ = 0; ///< Of what is not parsed.
  std::size_t end_ = 0;
  answer got_;
  sse_parser events_;
  std::optional<answer_parser> parser_;
  clock::time_point until_ = clock::time_point::max();
  bool patient_ = false;
  bool late_ = false;
  bool heard_ = false;  ///< Anything of the answer.
  bool reused_ = false; ///< The connection, for this request.
  std::size_t sent_ = 0;
};

} // namespace heddle::load
