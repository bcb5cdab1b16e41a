#pragma once

#include "actors/make_server.hpp"
#include "tests/crash/subject/loom.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace heddle::crash {

/// A whole server over the store in a directory. Everything in it is the
/// product's but the graphs, which are the loom's, and the webhooks, which end
/// in the ledger.
class house {
public:
  /// Opens, recovers and serves. Ends the process (exit code 4) with the reason
  /// on stderr if it cannot.
  house(const std::filesystem::path& dir, ledger& book, temper how);

  /// Stops, if that has not been done.
  ~house();

  server& api() noexcept { return *api_; }
  loom& workers() noexcept { return *workers_; }

  /// In order, as SIGTERM does.
  void stop();

  /// What the log said at level error.
  const std::vector<std::string>& complaints() const noexcept {
    return *complaints_;
  }

private:
  std::shared_ptr<std::vector<std::string>> complaints_;
  runtime threads_{1};
  loom* workers_ = nullptr; ///< The server's.
  std::unique_ptr<server> api_;
  bool stopped_ = false;
};

/// How long an answer may take.
inline constexpr std::chrono::seconds patience{20};

/// Asks, and blocks for the answer. None in time ends the process: exit code 5.
template <class T>
result<T> await(const char* what,
                const std::function<void(server::callback<T>)>& ask) {
  auto slot = std::make_shared<std::promise<result<T>>>();
  auto got = slot->get_future();
  ask([slot](result<T> answer) { slot->set_value(std::move(answer)); });
  if (got.wait_for(patience) != std::future_status::ready) {
    std::fprintf(stderr, "no answer: %s\n", what);
    std::_Exit(5);
  }
  return got.get();
}

} // namespace heddle::crash
