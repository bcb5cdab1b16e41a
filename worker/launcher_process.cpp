#include "worker/launcher_process.hpp"

#include "worker/process/launcher_loop.hpp"
#include "worker/process/unique_fd.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <system_error>

namespace heddle::worker {

namespace {

constexpr int control_fd = 3;

// In a session of its own no key at the terminal reaches the launcher or the
// workers; the server decides when they stop. Ends only with its socket.
[[noreturn]] void become_launcher(int control) {
  ::setsid();
  for (int number :
       {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2, SIGALRM})
    ::signal(number, SIG_IGN);
  ::prctl(PR_SET_NAME, "heddle-launcher");
  // Workers whose parent dies become children of the launcher, not of init.
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(nothing, STDOUT_FILENO);
  if (control != control_fd)
    ::dup2(control, control_fd);
  ::close_range(control_fd + 1, UINT_MAX, 0);
  ::fcntl(control_fd, F_SETFD, FD_CLOEXEC);
  int status = 0;
  try {
    launcher_loop{control_fd}.run();
  } catch (...) {
    status = 1; // The kernel kills the workers, as their parent dies.
  }
  ::_exit(status);
}

} // namespace

launcher_handle::~launcher_handle() {
  if (fd_ >= 0)
    ::close(fd_);
  if (pid_ > 0)
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR)
      ;
}

launcher_handle start_launcher_process() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    throw std::system_error{errno, std::generic_category(), "socketpair"};
  unique_fd ours{ends[0]};
  unique_fd theirs{ends[1]};
  auto pid = ::fork();
  if (pid < 0)
    throw std::system_error{errno, std::generic_category(), "fork"};
  if (pid == 0) {
    ours.reset();
    become_launcher(theirs.release());
  }
  return {ours.release(), pid};
}

} // namespace heddle::worker
