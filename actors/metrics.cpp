#include "actors/metrics.hpp"

#include <algorithm>
#include <utility>

namespace heddle::actors {

void histogram::add(std::chrono::microseconds took) noexcept {
  auto seconds = std::chrono::duration<double>(took).count();
  auto at = std::ranges::lower_bound(bounds, seconds) - bounds.begin();
  counts_[static_cast<std::size_t>(at)].fetch_add(1, std::memory_order_relaxed);
  auto micros = std::max<std::int64_t>(0, took.count());
  micros_.fetch_add(static_cast<std::uint64_t>(micros),
                    std::memory_order_relaxed);
}

metrics_snapshot::histogram histogram::snapshot(
  std::string name,
  std::vector<std::pair<std::string, std::string>> labels) const {
  metrics_snapshot::histogram result;
  result.name = std::move(name);
  result.labels = std::move(labels);
  result.bounds.assign(bounds.begin(), bounds.end());
  for (const auto& count : counts_)
    result.counts.push_back(count.load(std::memory_order_relaxed));
  result.sum
    = static_cast<double>(micros_.load(std::memory_order_relaxed)) / 1e6;
  return result;
}

void metrics::fill(metrics_snapshot& to) const {
  auto counter = [&to](const char* name, const char* help, double value,
                       bool gauge = false) {
    to.counters.push_back({name, help, {}, value, gauge});
  };
  auto count = [&counter](const char* name, const char* help,
                          const std::atomic<std::uint64_t>& value) {
    counter(name, help, static_cast<double>(value.load()));
  };
  count("heddle_runs_created_total", "Runs created.", runs_created);
  count("heddle_runs_started_total", "Attempts started.", runs_started);
  count("heddle_runs_finished_total", "Runs that reached an end.",
        runs_finished);
  count("heddle_runs_requeued_total", "Attempts given back to the queue.",
        runs_requeued);
  count("heddle_run_strikes_total", "Strikes charged to runs.", strikes);
  count("heddle_cancel_intents_total", "Cancel intents committed.", intents);
  count("heddle_worker_kills_total", "Worker processes killed on order.",
        worker_kills);
  count("heddle_cancel_kills_total",
        "Cancelled runs whose worker process had to be killed.", cancel_kills);
  count("heddle_worker_deaths_total",
        "Worker processes that died without an order.", worker_deaths);
  count("heddle_fenced_writes_total",
        "Late writes of workers that were refused.", fenced);
  count("heddle_webhooks_sent_total", "Webhooks delivered.", webhooks_sent);
  count("heddle_webhooks_failed_total", "Webhooks given up.", webhooks_failed);
  counter("heddle_threads_live", "Thread actors alive.",
          static_cast<double>(threads_live.load()), true);
  const std::string stopped = "heddle_cancel_stopped_seconds";
  const std::string accepted = "heddle_cancel_accepted_seconds";
  to.histograms.push_back(
    stopped_interrupt.snapshot(stopped, {{"action", "interrupt"}}));
  to.histograms.push_back(
    stopped_rollback.snapshot(stopped, {{"action", "rollback"}}));
  to.histograms.push_back(
    accepted_interrupt.snapshot(accepted, {{"action", "interrupt"}}));
  to.histograms.push_back(
    accepted_rollback.snapshot(accepted, {{"action", "rollback"}}));
}

} // namespace heddle::actors
