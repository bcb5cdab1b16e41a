#include "worker/process/spawn.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>

namespace heddle::worker {

namespace {

/// Above every descriptor that has a meaning in the new process.
constexpr int parking_fd_min = 10;

constexpr int not_executed = 127;

/// What failed in the child, as it goes through the pipe.
struct trouble {
  char step[16];
  int number;
};

class child {
public:
  child(const start_order& what, int trouble_fd)
    : what_(what), trouble_fd_(trouble_fd) {}

  [[noreturn]] void run(int socket, int output, pid_t launcher) {
    ::setpgid(0, 0);
    reset_signals();
    check(::prctl(PR_SET_PDEATHSIG, SIGKILL), "prctl");
    if (::getppid() != launcher)
      ::_exit(not_executed);
    descriptors(socket, output);
    limits();
    check(::chdir(what_.cwd.c_str()), "chdir");
    auto argv = pointers(what_.argv);
    auto env = pointers(what_.env);
    check(::execvpe(argv[0], argv.data(), env.data()), "exec");
    ::_exit(not_executed);
  }

private:
  void check(int result, const char* step) const {
    if (result >= 0)
      return;
    trouble why{};
    why.number = errno;
    std::strncpy(why.step, step, sizeof why.step - 1);
    [[maybe_unused]] auto told = ::write(trouble_fd_, &why, sizeof why);
    ::_exit(not_executed);
  }

  static void reset_signals() {
    for (int number = 1; number < NSIG; ++number)
      ::signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
  }

  // First away from the low numbers: one of them could be another's target.
  void descriptors(int socket, int output) const {
    socket = ::fcntl(socket, F_DUPFD_CLOEXEC, parking_fd_min);
    check(socket, "socket");
    output = ::fcntl(output, F_DUPFD_CLOEXEC, parking_fd_min);
    check(output, "output");
    int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    check(nothing, "/dev/null");
    check(::dup2(nothing, STDIN_FILENO), "stdin");
    check(::dup2(output, STDOUT_FILENO), "stdout");
    check(::dup2(output, STDERR_FILENO), "stderr");
    check(::dup2(socket, worker_fd), "socket");
    check(::close_range(worker_fd + 1, UINT_MAX, CLOSE_RANGE_CLOEXEC),
          "close_range");
  }

  void limits() const {
    rlimit none{0, 0};
    check(::setrlimit(RLIMIT_CORE, &none), "core limit");
    rlimit files{};
    check(::getrlimit(RLIMIT_NOFILE, &files), "file limit");
    files.rlim_cur = std::min<rlim_t>(files.rlim_max, what_.open_files_max);
    check(::setrlimit(RLIMIT_NOFILE, &files), "file limit");
  }

  static std::vector<char*> pointers(const std::vector<std::string>& list) {
    std::vector<char*> out;
    for (const auto& item : list)
      out.push_back(const_cast<char*>(item.c_str()));
    out.push_back(nullptr);
    return out;
  }

  const start_order& what_;
  int trouble_fd_;
};

} // namespace

spawned spawn(const start_order& what, unique_fd socket, unique_fd output) {
  spawned out;
  int pipe_ends[2];
  if (::pipe2(pipe_ends, O_CLOEXEC) != 0) {
    out.error = std::string{"pipe: "} + std::strerror(errno);
    return out;
  }
  out.trouble = unique_fd{pipe_ends[0]};
  unique_fd tell{pipe_ends[1]};
  // Where the child finds it whatever it does with the low numbers.
  unique_fd parked{::fcntl(tell.get(), F_DUPFD_CLOEXEC, parking_fd_min)};
  auto launcher = ::getpid();
  out.pid = ::fork();
  if (out.pid == 0)
    child{what, parked.get()}.run(socket.get(), output.get(), launcher);
  if (out.pid < 0)
    out.error = std::string{"fork: "} + std::strerror(errno);
  else
    ::setpgid(out.pid, out.pid); // The child does it too: whoever is first.
  return out;
}

std::string trouble_of(const spawned& process) {
  trouble why{};
  if (::read(process.trouble.get(), &why, sizeof why) != sizeof why)
    return {};
  why.step[sizeof why.step - 1] = '\0';
  return std::string{why.step} + ": " + std::strerror(why.number);
}

} // namespace heddle::worker
