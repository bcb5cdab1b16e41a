#pragma once

#include "bench/lib/load.hpp"

#include <filesystem>

namespace heddle::bench {

/// A directory that goes with its contents.
class scratch {
public:
  /// In `under`.
  explicit scratch(const std::filesystem::path& under);
  ~scratch();
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;

  /// A path in it.
  std::string at(std::string_view name) const { return dir_ / name; }

private:
  std::filesystem::path dir_;
};

/// The floor of everything durable: a file written as SQLite writes a WAL that
/// it has begun to overwrite, and synced. So many frames as one cancel of a
/// pending run takes.
class sync_floor {
public:
  /// Beside what is measured, on the same disk.
  explicit sync_floor(const scratch& where);
  ~sync_floor();
  sync_floor(const sync_floor&) = delete;
  sync_floor& operator=(const sync_floor&) = delete;

  /// Write and `fdatasync`, so many times, one after the other.
  measured sync(std::size_t times);

private:
  void write_frame();

  int fd_;
  std::size_t frame_ = 0;
};

/// Has the page cache forget a file, as far as it is written out.
void forget_pages(const std::string& file);

} // namespace heddle::bench
