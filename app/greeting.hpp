#pragma once

#include "heddle/log.hpp"
#include "heddle/server.hpp"

#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace heddle {
class timer_source;
} // namespace heddle

namespace heddle::app {

/// Tells the operator, on standard output, where the server listens, and then
/// each graph as it is loaded, or that it is not (the log says why, with the
/// traceback); in the end a request to try.
class greeting : public std::enable_shared_from_this<greeting> {
public:
  /// `srv` and `timers` must outlive the call of `stop`.
  greeting(server& srv, timer_source& timers, log_sink log, std::string url,
           bool keyed);

  /// Says the address, and looks after the graphs until all are there.
  void start();

  /// Says no more. On the thread that destroys the server, before it does.
  void stop();

private:
  void look();
  void say(const graph_status& graph);
  void say_what_to_try();

  std::mutex mutex_; // Guards what follows: timers fire on any thread.
  server* srv_;
  timer_source* timers_;
  log_sink log_;
  std::string url_;
  bool keyed_;
  std::set<std::string> said_;
  std::string first_loaded_;
};

} // namespace heddle::app
