#include "app/graph_library.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <sstream>
#include <utility>

extern char** environ;

namespace heddle::app {

namespace fs = std::filesystem;

namespace {

/// What a program printed, and how it ended.
struct printed {
  std::string out;
  std::string complaints;
  int status = 0;
};

class pipe_ends {
public:
  pipe_ends() {
    if (::pipe2(ends_, O_CLOEXEC) != 0)
      ends_[0] = ends_[1] = -1;
  }
  ~pipe_ends() {
    ::close(ends_[0]);
    close_writer();
  }
  pipe_ends(const pipe_ends&) = delete;
  pipe_ends& operator=(const pipe_ends&) = delete;

  int writer() const noexcept { return ends_[1]; }

  void close_writer() {
    if (int fd = std::exchange(ends_[1], -1); fd >= 0)
      ::close(fd);
  }

  /// All until the last writer has closed.
  std::string read_all() {
    std::string result;
    char bytes[4096];
    for (;;) {
      auto got = ::read(ends_[0], bytes, sizeof bytes);
      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        return result;
      result.append(bytes, static_cast<std::size_t>(got));
    }
  }

private:
  int ends_[2];
};

/// Its complaints are few: they fit into a pipe until its output is read.
result<printed> run(const std::vector<std::string>& command) {
  std::vector<char*> argv;
  for (const auto& word : command)
    argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  pipe_ends out;
  pipe_ends complaints;
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, out.writer(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, complaints.writer(),
                                     STDERR_FILENO);
  pid_t pid = -1;
  auto failed
    = ::posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0)
    return error{errc::internal, std::string{argv[0]} + " cannot be started: "
                                   + std::strerror(failed)};
  out.close_writer();
  complaints.close_writer();
  printed result;
  result.out = out.read_all();
  result.complaints = complaints.read_all();
  while (::waitpid(pid, &result.status, 0) < 0 && errno == EINTR) {
    // Again.
  }
  return result;
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

} // namespace

std::vector<std::string> graph_worker_command(const std::string& library) {
  return {fs::read_symlink("/proc/self/exe"), "graph-worker", "--library",
          library};
}

result<graph_library> ask_library(const std::string& file) {
  if (!fs::exists(file))
    return error{errc::not_found, "--graph-library=" + file + ": no such file"};
  graph_library library{fs::absolute(file), {}};
  auto command = graph_worker_command(library.file);
  command.emplace_back("--list");
  auto got = run(command);
  if (got.has_error())
    return got.error();
  if (WIFSIGNALED(got->status))
    return error{errc::invalid_argument,
                 "--graph-library=" + file + ": crashed while it was loaded ("
                   + ::strsignal(WTERMSIG(got->status)) + ")"};
  if (got->status != 0)
    return error{errc::invalid_argument, first_line(got->complaints)};
  std::istringstream lines{got->out};
  for (std::string id; std::getline(lines, id);)
    library.graphs.push_back(id);
  return library;
}

} // namespace heddle::app
