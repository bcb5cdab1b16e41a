#include "worker/process/launcher_link.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace heddle::worker {

namespace {

constexpr std::size_t shard = 0;
constexpr std::size_t report_bytes_max = 1U << 20U;
constexpr auto launcher_gone = "the launcher process is gone";

using descriptor = boost::asio::posix::stream_descriptor;

} // namespace

launcher_link::launcher_link(runtime& rt, int fd)
  : rt_(rt), socket_(rt.io(shard), fd), reader_(report_bytes_max) {
  // nop
}

void launcher_link::open() {
  rt_.run_on(shard, [self = shared_from_this()] { self->listen(); });
}

void launcher_link::start(start_order what, std::vector<unique_fd> fds,
                          listener heard) {
  struct job {
    start_order what;
    std::vector<unique_fd> fds;
    listener heard;
  };
  // A `std::function` must be copyable, descriptors are not.
  auto todo = std::make_shared<job>(
    job{std::move(what), std::move(fds), std::move(heard)});
  rt_.run_on(shard, [self = shared_from_this(), todo] {
    auto token = todo->what.token;
    if (self->lost_)
      return todo->heard(process_ended{token, launcher_gone});
    self->children_.emplace(token, child{std::move(todo->heard)});
    self->send({encode_order(todo->what), 0, std::move(todo->fds)});
  });
}

void launcher_link::kill(process_token token) {
  rt_.run_on(shard, [self = shared_from_this(), token] {
    if (self->children_.contains(token))
      self->send({encode_order(kill_order{token}), 0, {}});
  });
}

void launcher_link::close() {
  closing_ = true;
  // Safe from any thread, unlike closing: the descriptor stays open.
  ::shutdown(socket_.native_handle(), SHUT_WR);
}

void launcher_link::send(outgoing what) {
  outbound_.push_back(std::move(what));
  if (!waiting_to_write_)
    flush();
}

void launcher_link::flush() {
  while (!outbound_.empty() && !lost_) {
    if (send_some(outbound_.front())) {
      outbound_.pop_front();
      continue;
    }
    waiting_to_write_ = true;
    socket_.async_wait(
      descriptor::wait_write,
      [self = shared_from_this()](const boost::system::error_code& failed) {
        self->waiting_to_write_ = false;
        if (!failed)
          self->flush();
      });
    return;
  }
}

/// @returns whether all of it was sent. An error other than "later" counts as
/// sent: that the launcher is gone shows when reading.
bool launcher_link::send_some(outgoing& what) {
  while (what.sent < what.bytes.size()) {
    iovec bytes{what.bytes.data() + what.sent, what.bytes.size() - what.sent};
    alignas(cmsghdr) char ancillary[CMSG_SPACE(sizeof(int) * start_order_fds)];
    std::memset(ancillary, 0, sizeof ancillary);
    msghdr message{};
    message.msg_iov = &bytes;
    message.msg_iovlen = 1;
    if (what.fds.size() == start_order_fds) {
      message.msg_control = ancillary;
      message.msg_controllen = sizeof ancillary;
      auto* head = CMSG_FIRSTHDR(&message);
      head->cmsg_level = SOL_SOCKET;
      head->cmsg_type = SCM_RIGHTS;
      head->cmsg_len = CMSG_LEN(sizeof(int) * start_order_fds);
      int fds[start_order_fds];
      for (std::size_t i = 0; i < start_order_fds; ++i)
        fds[i] = what.fds[i].get();
      std::memcpy(CMSG_DATA(head), fds, sizeof fds);
    }
    auto sent = ::sendmsg(socket_.native_handle(), &message,
                          MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR)
      continue;
    if (sent < 0)
      return errno != EAGAIN;
    what.sent += static_cast<std::size_t>(sent);
    what.fds.clear(); // They went with the first byte.
  }
  return true;
}

void launcher_link::listen() {
  socket_.async_wait(
    descriptor::wait_read,
    [self = shared_from_this()](const boost::system::error_code& failed) {
      if (failed)
        self->lost();
      else
        self->receive();
    });
}

void launcher_link::receive() {
  auto space = reader_.space();
  auto got
    = ::recv(socket_.native_handle(), space.data(), space.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR))
    return listen();
  std::vector<frame_bytes> frames;
  if (got <= 0 || !reader_.received(static_cast<std::size_t>(got), frames))
    return lost();
  for (const auto& frame : frames)
    tell(decode_launch_report(frame));
  listen();
}

void launcher_link::tell(const launch_report& what) {
  if (const auto* started = std::get_if<process_started>(&what)) {
    auto who = children_.find(started->token);
    if (who == children_.end())
      return;
    who->second.pid = started->pid;
    return who->second.heard(what);
  }
  auto who = children_.extract(std::get<process_ended>(what).token);
  if (who)
    who.mapped().heard(what);
}

// A launcher that dies takes its workers with it, but not what those started.
// One that was closed has killed it all.
void launcher_link::lost() {
  if (std::exchange(lost_, true))
    return;
  outbound_.clear();
  bool closed = closing_;
  for (auto& [token, who] : std::exchange(children_, {})) {
    if (!closed && who.pid > 1)
      ::kill(-static_cast<pid_t>(who.pid), SIGKILL);
    who.heard(process_ended{token, closed ? "killed" : launcher_gone});
  }
}

} // namespace heddle::worker
