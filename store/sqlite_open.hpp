#pragma once

#include "heddle/error.hpp"

#include <filesystem>
#include <memory>
#include <optional>

namespace heddle::sqlite {

/// A data directory that is ours alone as long as this lives.
class data_directory {
public:
  /// Makes the directory if there is none; errors as `open_sqlite`.
  static result<std::unique_ptr<data_directory>>
  claim(const std::filesystem::path& dir);

  ~data_directory();
  data_directory(const data_directory&) = delete;
  data_directory& operator=(const data_directory&) = delete;

  /// The database file; it exists.
  std::filesystem::path database() const;

private:
  data_directory(std::filesystem::path dir, int lock)
    : dir_(std::move(dir)), lock_(lock) {}

  std::filesystem::path dir_;
  int lock_;
};

/// The name of the network file system that `dir` lies on, if it does: locks
/// and shared memory do not work there as the store needs them.
std::optional<const char*>
network_file_system(const std::filesystem::path& dir);

} // namespace heddle::sqlite
