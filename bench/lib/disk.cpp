#include "bench/lib/disk.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>

namespace heddle::bench {

namespace {

struct file {
  explicit file(const std::string& path, int flags)
    : fd(open(path.c_str(), flags | O_CLOEXEC, 0600)) {
    if (fd < 0)
      throw std::runtime_error{"cannot open " + path};
  }
  ~file() { close(fd); }
  file(const file&) = delete;
  file& operator=(const file&) = delete;

  int fd;
};

} // namespace

scratch::scratch(const std::filesystem::path& under) {
  auto name = (under / "heddle-bench-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr)
    throw std::runtime_error{"cannot make a directory in " + under.string()};
  dir_ = name;
}

scratch::~scratch() {
  std::error_code ignored;
  std::filesystem::remove_all(dir_, ignored);
}

namespace {

constexpr std::size_t frames_kept = 1000; // Then the WAL is begun again.
constexpr std::size_t frames_per_sync = 5;
constexpr std::size_t frame_head = 24;
constexpr std::size_t page = 4096;

} // namespace

sync_floor::sync_floor(const scratch& where)
  : fd_(open(where.at("sync").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
  for (std::size_t i = 0; i < frames_kept; ++i)
    write_frame();
  fsync(fd_); // From here on nothing of the file but its contents changes.
}

sync_floor::~sync_floor() {
  close(fd_);
}

void sync_floor::write_frame() {
  std::array<char, page> bytes;
  bytes.fill(static_cast<char>(frame_));
  auto at = static_cast<off_t>(frame_++ % frames_kept * (frame_head + page));
  if (pwrite(fd_, bytes.data(), frame_head, at) < 0
      || pwrite(fd_, bytes.data(), page, at + off_t{frame_head}) < 0)
    throw std::runtime_error{"cannot write"};
}

measured sync_floor::sync(std::size_t times) {
  using clock = std::chrono::steady_clock;
  measured result;
  auto begun = clock::now();
  for (std::size_t i = 0; i < times; ++i) {
    auto start = clock::now();
    for (std::size_t k = 0; k < frames_per_sync; ++k)
      write_frame();
    fdatasync(fd_);
    std::chrono::duration<float, std::micro> took = clock::now() - start;
    result.us.push_back(took.count());
  }
  result.seconds = std::chrono::duration<double>(clock::now() - begun).count();
  std::sort(result.us.begin(), result.us.end());
  return result;
}

void forget_pages(const std::string& path) {
  file of{path, O_RDONLY};
  fdatasync(of.fd);
  posix_fadvise(of.fd, 0, 0, POSIX_FADV_DONTNEED);
}

} // namespace heddle::bench
