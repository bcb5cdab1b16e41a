#pragma once

#include "worker/launcher_process.hpp"
#include "worker/process/orders.hpp"
#include "worker/process/unique_fd.hpp"
#include "worker/wire/frame_reader.hpp"

#include "runtime/runtime.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace heddle::worker {

/// The server's side of the launcher process. Lives on the runtime's first
/// shard; what it hears of a process it tells the process's listener there.
class launcher_link : public std::enable_shared_from_this<launcher_link> {
public:
  /// Hears `process_started` at most once, and `process_ended` exactly once,
  /// last.
  using listener = std::function<void(const launch_report&)>;

  launcher_link(runtime& rt, int fd);

  /// Begins to listen. Any thread, once.
  void open();

  /// Any thread. A token is chosen by `next_token`.
  void start(start_order what, std::vector<unique_fd> fds, listener heard);

  /// Kills the process's group, if it has not ended. Any thread.
  void kill(process_token token);

  /// Says good-bye: the launcher kills everything and exits, the listeners
  /// hear the end of theirs. Any thread.
  void close();

  process_token next_token() noexcept { return ++last_token_; }

private:
  struct outgoing {
    std::string bytes;
    std::size_t sent = 0;
    std::vector<unique_fd> fds;
  };

  void send(outgoing what);
  void flush();
  bool send_some(outgoing& what);
  void listen();
  void receive();
  void tell(const launch_report& what);
  void lost();

  runtime& rt_;
  std::atomic<process_token> last_token_{0};
  std::atomic<bool> closing_{false};

  // The rest belongs to the shard.
  boost::asio::posix::stream_descriptor socket_;
  wire::frame_reader reader_;
  std::deque<outgoing> outbound_;
  bool waiting_to_write_ = false;
  bool lost_ = false;
  struct child {
    listener heard;
    std::int64_t pid = 0;
  };
  std::unordered_map<process_token, child> children_;
};

} // namespace heddle::worker
