#pragma once

#include "heddle/open.hpp"
#include "tests/catch.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

namespace heddle::test {

/// Longer than anything takes that goes well, on a machine that is busy.
inline constexpr std::chrono::seconds wait_max{60};

/// A directory that goes with its contents.
class scratch {
public:
  scratch() {
    std::string name
      = std::filesystem::temp_directory_path() / "heddle-embed-XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~scratch() { std::filesystem::remove_all(path_); }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;

  std::filesystem::path path() const { return path_ / "data"; }

private:
  std::filesystem::path path_;
};

template <class T>
bool ok(const result<T>& what) {
  return what.has_value();
}

inline open_options options_for(const std::filesystem::path& data) {
  open_options what;
  what.data = data;
  what.unserved = {"waits"};
  what.io_threads = 2;
  return what;
}

/// A server; empty `data`: in memory. Throws what went wrong.
inline std::unique_ptr<server> opened(const std::filesystem::path& data) {
  return open(options_for(data)).value();
}

inline run_create run_of(const std::string& assistant) {
  run_create what;
  what.assistant = assistant;
  what.input = json_text{"{}"};
  return what;
}

} // namespace heddle::test
