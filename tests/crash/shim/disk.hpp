#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace heddle::crash {

/// What lies on a disk and what is only on its way there. All calls but `get`
/// and `lock` with the lock held.
class disk {
public:
  static disk& get();

  std::unique_lock<std::recursive_mutex> lock() {
    return std::unique_lock{mutex_};
  }

  bool covers(const char* path) const;
  bool covers(int fd);
  /// Covered, and not there.
  bool is_missing(const char* path) const;

  /// Counts; does not come back if this is where the power goes.
  void step();

  void made(const char* path);
  void will_unlink(const char* path);
  void write(int fd, const void* data, std::size_t size, off_t at);
  void truncate(int fd, off_t size);
  void sync(int fd);

private:
  disk();
  ~disk();

  /// Bytes that were put into a file, or its new length.
  struct change {
    off_t at = 0;
    std::string bytes;
    bool cut = false;
  };
  struct file {
    std::string path;
    std::string durable;
    std::vector<change> changes;
    bool is_known = false;
  };
  using inode = std::pair<dev_t, ino_t>;

  file* find(int fd);
  [[noreturn]] void lose_power();
  void write_count() const;
  void rewrite(const file& what);
  void apply(std::string& content, const change& what);
  bool keeps();

  std::recursive_mutex mutex_;
  std::string root_;
  std::uint64_t at_ = 0;
  bool lies_ = false;
  std::uint64_t count_ = 0;
  std::mt19937_64 dice_;
  unsigned keep_percent_ = 50;
  std::map<inode, file> files_;
  std::vector<std::string> made_; ///< In folders not synced since, in order.
};

} // namespace heddle::crash
