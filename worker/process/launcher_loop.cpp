#include "worker/process/launcher_loop.hpp"

#include "worker/leftovers.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>

// Who is killed, and why never a stranger: the number of a group cannot be used
// again while a member or its unburied leader exists. So a group is killed
// before its leader is buried, or while `kill(-group, 0)` still finds it.

namespace heddle::worker {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t order_bytes_max = 16U << 20U;

/// How long an ended worker's group may take to vanish before the server hears
/// of the end all the same. Only a process stuck in the kernel takes longer.
constexpr auto remains_patience = 2s;

/// The same, for everything, when the server is gone.
constexpr auto last_patience = 10s;

/// Some ends are not signalled to us: then they are looked for.
constexpr int look_again_ms = 5;

int make_child_signal() {
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &child, nullptr);
  return ::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
}

bool wait_for(int control, int child_signal, int timeout_ms) {
  pollfd polled[] = {{control, POLLIN, 0}, {child_signal, POLLIN, 0}};
  ::poll(polled, std::size(polled), timeout_ms); // Ignores a negative one.
  signalfd_siginfo ignored{};
  while (::read(child_signal, &ignored, sizeof ignored) > 0)
    ;
  return (polled[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0;
}

std::string describe(int code, int status) {
  if (code == CLD_EXITED)
    return "exited with " + std::to_string(status);
  const auto* name = ::sigabbrev_np(status);
  return "killed by SIG" + (name ? std::string{name} : std::to_string(status));
}

/// Kills every process whose parent is this one.
void kill_children() {
  namespace fs = std::filesystem;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator{"/proc", failed}) {
    auto name = entry.path().filename().string();
    auto pid = static_cast<pid_t>(std::atoi(name.c_str()));
    auto stat = pid > 1 ? stat_of(pid) : std::nullopt;
    if (stat && stat->parent == ::getpid())
      ::kill(pid, SIGKILL);
  }
}

} // namespace

launcher_loop::launcher_loop(int control)
  : control_(control), child_signal_(make_child_signal()),
    reader_(order_bytes_max) {
  // nop
}

void launcher_loop::run() {
  for (bool serving = true; serving;) {
    auto timeout_ms = remains_.empty() ? -1 : look_again_ms;
    bool orders = wait_for(control_, child_signal_.get(), timeout_ms);
    bury();
    look_at_remains();
    serving = !orders || receive();
  }
  kill_everything();
}

bool launcher_loop::receive() {
  auto space = reader_.space();
  iovec bytes{space.data(), space.size()};
  alignas(cmsghdr) char ancillary[CMSG_SPACE(sizeof(int) * start_order_fds)];
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = ancillary;
  message.msg_controllen = sizeof ancillary;
  auto got = ::recvmsg(control_, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (got < 0)
    return errno == EAGAIN || errno == EINTR;
  if (got == 0)
    return false;
  for (auto* head = CMSG_FIRSTHDR(&message); head;
       head = CMSG_NXTHDR(&message, head)) {
    if (head->cmsg_type != SCM_RIGHTS)
      continue;
    int fds[start_order_fds];
    auto count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    std::memcpy(fds, CMSG_DATA(head), count * sizeof(int));
    for (std::size_t i = 0; i < count; ++i)
      received_fds_.emplace_back(fds[i]);
  }
  std::vector<frame_bytes> frames;
  if (!reader_.received(static_cast<std::size_t>(got), frames))
    return false;
  for (const auto& frame : frames)
    obey(decode_order(frame));
  return true;
}

void launcher_loop::obey(const order& what) {
  if (const auto* starting = std::get_if<start_order>(&what))
    return start(*starting);
  auto token = std::get<kill_order>(what).token;
  for (const auto& [pid, who] : leaders_)
    if (who.token == token)
      ::kill(-pid, SIGKILL);
}

void launcher_loop::start(const start_order& what) {
  if (received_fds_.size() < start_order_fds)
    return report(process_ended{what.token, "could not be started"});
  auto socket = std::move(received_fds_[0]);
  auto output = std::move(received_fds_[1]);
  received_fds_.erase(received_fds_.begin(),
                      received_fds_.begin() + start_order_fds);
  auto process = spawn(what, std::move(socket), std::move(output));
  if (!process.error.empty())
    return report(
      process_ended{what.token, "could not be started: " + process.error});
  report(process_started{what.token, process.pid});
  auto pid = process.pid;
  leaders_.emplace(pid, leader{what.token, std::move(process)});
}

void launcher_loop::bury() {
  for (;;) {
    siginfo_t info{};
    if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0
        || info.si_pid == 0)
      return;
    auto who = leaders_.find(info.si_pid);
    if (who != leaders_.end())
      ended(who, info.si_code, info.si_status);
    else
      ::waitpid(info.si_pid, nullptr, 0); // An orphan that we were given.
  }
}

void launcher_loop::ended(std::map<pid_t, leader>::iterator who, int code,
                          int status) {
  auto pid = who->first;
  ::kill(-pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
  auto trouble = trouble_of(who->second.process);
  auto how = trouble.empty() ? describe(code, status)
                             : "could not be started: " + trouble;
  remains_.push_back(
    {who->second.token, pid, std::move(how), clock::now() + remains_patience});
  leaders_.erase(who);
}

void launcher_loop::look_at_remains() {
  auto is_over = [this](const remains& left) {
    bool empty = ::kill(-left.group, 0) != 0 && errno == ESRCH;
    if (!empty && clock::now() < left.give_up)
      return false;
    report(process_ended{left.token, left.how});
    return true;
  };
  std::erase_if(remains_, is_over);
}

// Blocks while the server does not read; a server that is gone is noticed by
// `receive`.
void launcher_loop::report(const launch_report& what) {
  auto bytes = encode_launch_report(what);
  std::string_view rest{bytes};
  while (!rest.empty()) {
    auto sent = ::send(control_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR)
      continue;
    if (sent < 0)
      return;
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
}

// Killing a process makes its children ours, whatever group or session they
// are in, so this goes on until there are none.
void launcher_loop::kill_everything() {
  auto give_up = clock::now() + last_patience;
  for (const auto& [pid, who] : leaders_)
    ::kill(-pid, SIGKILL);
  while (clock::now() < give_up) {
    kill_children();
    pid_t buried = 0;
    while ((buried = ::waitpid(-1, nullptr, WNOHANG)) > 0)
      ;
    if (buried < 0 && errno == ECHILD)
      return;
    wait_for(-1, child_signal_.get(), look_again_ms);
  }
}

} // namespace heddle::worker
