#pragma once

#include "heddle/run.hpp"
#include "heddle/server.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace heddle::actors {

/// Counts how long something took, in fixed buckets. Any thread; lock-free.
class histogram {
public:
  static constexpr std::array<double, 14> bounds{
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
    0.025,  0.1,     0.5,    1,     5,      10,    60};

  void add(std::chrono::microseconds took) noexcept;

  /// Counts per bucket (not cumulative), one more than `bounds`.
  metrics_snapshot::histogram
  snapshot(std::string name,
           std::vector<std::pair<std::string, std::string>> labels) const;

private:
  std::array<std::atomic<std::uint64_t>, bounds.size() + 1> counts_{};
  std::atomic<std::uint64_t> micros_{0};
};

/// What the actors count. Any thread.
struct metrics {
  std::atomic<std::uint64_t> runs_created{0};
  std::atomic<std::uint64_t> runs_started{0};
  std::atomic<std::uint64_t> runs_finished{0};
  std::atomic<std::uint64_t> runs_requeued{0};
  std::atomic<std::uint64_t> strikes{0};
  std::atomic<std::uint64_t> intents{0};
  std::atomic<std::uint64_t> worker_kills{0};
  std::atomic<std::uint64_t> cancel_kills{0}; ///< Runs that needed the kill.
  std::atomic<std::uint64_t> worker_deaths{0};
  std::atomic<std::uint64_t> fenced{0};
  std::atomic<std::uint64_t> webhooks_sent{0};
  std::atomic<std::uint64_t> webhooks_failed{0};
  std::atomic<std::int64_t> threads_live{0};
  std::atomic<std::uint64_t> forwarded{0}; ///< Messages to retired actors.

  /// Intent committed -> effect committed, by action.
  histogram stopped_interrupt;
  histogram stopped_rollback;
  /// Cancel asked of the server -> intent committed, by action.
  histogram accepted_interrupt;
  histogram accepted_rollback;

  void stopped(cancel_action action, std::chrono::microseconds took) noexcept {
    (action == cancel_action::rollback ? stopped_rollback : stopped_interrupt)
      .add(took);
  }
  void accepted(cancel_action action, std::chrono::microseconds took) noexcept {
    (action == cancel_action::rollback ? accepted_rollback : accepted_interrupt)
      .add(took);
  }

  /// Adds everything to `to`.
  void fill(metrics_snapshot& to) const;
};

} // namespace heddle::actors
