#pragma once

#include "worker/process/orders.hpp"
#include "worker/process/spawn.hpp"
#include "worker/process/unique_fd.hpp"
#include "worker/wire/frame_reader.hpp"

#include <chrono>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace heddle::worker {

/// The launcher process: one thread that starts, kills and buries workers as
/// the server orders, and kills all that is left when the server is gone.
class launcher_loop {
public:
  /// `control` is the launcher's end of the socket to the server.
  explicit launcher_loop(int control);

  /// Returns when the server is gone and so is everything that was started.
  void run();

private:
  using clock = std::chrono::steady_clock;

  /// A process that leads a group.
  struct leader {
    process_token token = 0;
    spawned process;
  };

  /// A leader that has ended before the rest of its group.
  struct remains {
    process_token token = 0;
    pid_t group = -1;
    std::string how;
    clock::time_point give_up;
  };

  /// Takes orders. @returns false if the server is gone.
  bool receive();
  void obey(const order& what);
  void start(const start_order& what);
  void bury();
  void ended(std::map<pid_t, leader>::iterator who, int code, int status);
  void look_at_remains();
  void report(const launch_report& what);
  void kill_everything();

  int control_;
  unique_fd child_signal_;
  wire::frame_reader reader_;
  std::deque<unique_fd> received_fds_;
  std::map<pid_t, leader> leaders_;
  std::vector<remains> remains_;
};

} // namespace heddle::worker
