#pragma once

#include "runtime/runtime.hpp"
#include "worker/process_launcher.hpp"

#include "tests/catch.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// Real processes behind the channel: tests/worker/peer.py.

namespace heddle::worker::test {

inline constexpr std::chrono::seconds patience{20};

/// What an executor reported, in order. Any thread.
class journal {
public:
  void add(std::vector<std::pair<run_no, report>> batch);

  /// Waits until `enough` likes what there is; fails the test if it does not.
  void wait(const std::function<bool()>& enough);

  /// Waits for the first report of this type.
  template <class T>
  T first() {
    std::optional<T> found;
    wait([&] {
      for (const auto& [run, what] : all_)
        if (!found && std::holds_alternative<T>(what))
          found = std::get<T>(what);
      return found.has_value();
    });
    return *found;
  }

  /// All reports of this type, up to now.
  template <class T>
  std::vector<T> each() {
    std::lock_guard guard{mutex_};
    std::vector<T> found;
    for (const auto& [run, what] : all_)
      if (std::holds_alternative<T>(what))
        found.push_back(std::get<T>(what));
    return found;
  }

  /// Waits for `gone`, and checks that it is the last one.
  std::string end();

  std::vector<std::pair<run_no, report>> all_; ///< Guarded by `mutex_`.
  std::mutex mutex_;

private:
  std::condition_variable changed_;
};

/// A pool of two shards. Its launcher is forked while there is no other thread.
struct process_pool {
  process_pool();
  ~process_pool();

  /// Starts a process that does what `name` says.
  std::shared_ptr<channel> launch(const std::string& name);

  /// The same, with options to change.
  std::shared_ptr<channel>
  launch(const std::string& name,
         const std::function<void(process_options&)>& change);

  /// Kills all, as the end of the server does.
  void close();

  launcher_handle handle;

  // What the runtime's threads write to outlives them.
  journal seen;
  std::mutex log_mutex;
  std::vector<std::string> log; ///< What processes printed.

  runtime rt{2};
  std::unique_ptr<process_launcher> launcher;
};

/// Waits until `holds` does; whether it did in time.
bool eventually(const std::function<bool()>& holds);

bool is_alive(std::int64_t pid);

/// A number of the JSON in a worker's log, such as `"away": 12`.
std::int64_t number_after(const std::string& text, const std::string& key);

} // namespace heddle::worker::test
