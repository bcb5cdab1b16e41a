#include "bench/lib/child.hpp"

#include "bench/lib/own_server.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <fstream>
#include <future>
#include <stdexcept>

namespace heddle::bench {

child::child(const std::vector<std::string>& command) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    throw std::runtime_error{"no pipe"};
  std::vector<char*> argv;
  for (const auto& word : command)
    argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL); // Also if the benchmark is killed.
    dup2(ends[1], STDOUT_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
  }
  close(ends[1]);
  out_ = ends[0];
}

child::~child() {
  close(out_);
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

std::string child::line() {
  std::string text;
  for (char c = 0; read(out_, &c, 1) == 1;) {
    if (c == '\n')
      return text;
    text.push_back(c);
  }
  throw std::runtime_error{"the server ended"};
}

std::chrono::nanoseconds child::cpu() const {
  clockid_t clock{};
  timespec spent{};
  if (clock_getcpuclockid(pid_, &clock) != 0
      || clock_gettime(clock, &spent) != 0)
    throw std::runtime_error{"the server is gone"};
  return std::chrono::seconds{spent.tv_sec}
         + std::chrono::nanoseconds{spent.tv_nsec};
}

std::uint64_t child::memory_kib(const std::string& field) const {
  std::ifstream in{"/proc/" + std::to_string(pid_) + "/status"};
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(field + ":"))
      return std::stoull(line.substr(field.size() + 1));
  throw std::runtime_error{"no " + field + " of the server"};
}

served serve_in_child(const std::string& data) {
  served result;
  result.process = std::make_unique<child>(
    std::vector<std::string>{"/proc/self/exe", std::string{serve_flag}, data});
  result.port = static_cast<std::uint16_t>(std::stoi(result.process->line()));
  return result;
}

measured ask_nothing(const served& server, const options& opts) {
  std::chrono::milliseconds time{opts.smoke ? 30 : 400};
  return run(
    {server.port, 64, repeat(request_text("POST /bare"), time), 204, {}},
    *server.process);
}

double idle_ms_per_s(const served& server, std::chrono::milliseconds time) {
  auto before = server.process->cpu();
  std::promise<void> never;
  never.get_future().wait_for(time);
  std::chrono::duration<double, std::milli> spent
    = server.process->cpu() - before;
  return spent.count() / std::chrono::duration<double>(time).count();
}

} // namespace heddle::bench
