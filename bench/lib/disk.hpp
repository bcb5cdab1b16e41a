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

/// The floor of everything durable: 4 KiB overwritten in place, then fdatasync,
/// one after the other.
measured sync_times(const scratch& where, std::size_t times);

/// Has the page cache forget a file, as far as it is written out.
void forget_pages(const std::string& file);

} // namespace heddle::bench
