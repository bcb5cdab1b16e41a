#include "bench/load_generator/listener.hpp"

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace heddle::load {

namespace {

namespace fs = std::filesystem;

/// The inode of the socket that listens, by a table of /proc/net; or nothing.
std::string listening(const char* table, std::uint16_t port) {
  std::ifstream in{table};
  std::string line;
  std::getline(in, line); // What the columns are.
  while (std::getline(in, line)) {
    std::istringstream words{line};
    std::string skip, local, remote, state, inode;
    words >> skip >> local >> remote >> state;
    for (int i = 0; i < 6; ++i)
      words >> inode;
    auto at = std::stoul(local.substr(local.rfind(':') + 1), nullptr, 16);
    if (at == port && state == "0A")
      return inode;
  }
  return {};
}

bool has_socket(const fs::path& process, const std::string& link) {
  std::error_code failed;
  fs::directory_iterator files{process / "fd", failed};
  return std::any_of(begin(files), end(files), [&](const auto& each) {
    return fs::read_symlink(each.path(), failed) == link;
  });
}

} // namespace

listener_process::listener_process(std::uint16_t port) {
  auto inode = listening("/proc/net/tcp", port);
  if (inode.empty())
    inode = listening("/proc/net/tcp6", port);
  if (inode.empty())
    return;
  std::error_code failed;
  for (const auto& each : fs::directory_iterator{"/proc", failed}) {
    auto name = each.path().filename().string();
    if (std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; })
        && has_socket(each.path(), "socket:[" + inode + "]"))
      pid_ = std::stoi(name);
  }
}

std::chrono::nanoseconds listener_process::cpu() const {
  clockid_t clock{};
  timespec spent{};
  if (pid_ == 0 || clock_getcpuclockid(pid_, &clock) != 0
      || clock_gettime(clock, &spent) != 0)
    return {};
  return std::chrono::seconds{spent.tv_sec}
         + std::chrono::nanoseconds{spent.tv_nsec};
}

} // namespace heddle::load
