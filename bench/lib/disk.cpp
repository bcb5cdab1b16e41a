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

measured sync_times(const scratch& where, std::size_t times) {
  using clock = std::chrono::steady_clock;
  file into{where.at("sync"), O_RDWR | O_CREAT};
  std::array<char, 4096> page{};
  constexpr std::size_t pages = 256;
  auto put = [&](std::size_t i) {
    page[0] = static_cast<char>(i);
    auto at = static_cast<off_t>(i % pages * page.size());
    if (pwrite(into.fd, page.data(), page.size(), at) < 0)
      throw std::runtime_error{"cannot write"};
  };
  for (std::size_t i = 0; i < pages; ++i)
    put(i);
  fsync(into.fd); // From here on nothing of the file but its pages changes.
  measured result;
  auto begun = clock::now();
  for (std::size_t i = 0; i < times; ++i) {
    auto start = clock::now();
    put(i);
    fdatasync(into.fd);
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
