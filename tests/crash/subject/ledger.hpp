#pragma once

#include <nlohmann/json.hpp>

#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

namespace heddle::crash {

/// What the outside world was told and what it asked for, in that order: one
/// JSON object per line, each appended by one write(2), so that it survives the
/// process. It lies outside of the data directory: no rig takes it away.
class ledger {
public:
  explicit ledger(const std::filesystem::path& file);
  ~ledger();
  ledger(const ledger&) = delete;
  ledger& operator=(const ledger&) = delete;

  /// Any OS thread.
  void add(const nlohmann::json& line);

private:
  std::mutex mutex_;
  int file_;
};

/// The whole lines of a ledger.
std::vector<nlohmann::json> read_ledger(const std::filesystem::path& file);

} // namespace heddle::crash
