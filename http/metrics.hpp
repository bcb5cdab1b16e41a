#pragma once

#include "heddle/run.hpp"
#include "heddle/server.hpp"
#include "http/router.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

namespace heddle::http {

/// What the HTTP side counts. Writing takes no lock: any thread.
class metrics {
public:
  explicit metrics(const router& routes);

  /// `found`: null for requests that met no route.
  void count(const route* found, unsigned status) noexcept;

  /// How long a cancel took from its head to its answer.
  void cancel_answered(cancel_cause::kind route, cancel_action action,
                       std::chrono::nanoseconds took) noexcept;

  struct request_count {
    std::string_view method;
    std::string_view path;
    unsigned status = 0;
    std::uint64_t count = 0;
  };
  /// All that are not zero.
  std::vector<request_count> requests() const;

  /// In the shape that `/metrics` shows.
  std::vector<metrics_snapshot::histogram> histograms() const;

private:
  static constexpr std::array<unsigned, 24> statuses
    = {200, 201, 202, 204, 304, 307, 400, 401, 403, 404, 405, 408,
       409, 413, 414, 417, 422, 429, 431, 500, 501, 503, 505, 507};
  using row = std::array<std::atomic<std::uint64_t>, statuses.size() + 1>;

  static constexpr std::array<double, 14> bounds
    = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
       0.025,  0.05,    0.1,    0.5,   1,      5,     15};
  struct histogram {
    std::array<std::atomic<std::uint64_t>, bounds.size() + 1> counts{};
    std::atomic<std::uint64_t> nanoseconds{0};
  };

  static std::string_view name_of(verb method) noexcept;

  const router* routes_;
  /// One per route, then one for requests without a route.
  std::vector<row> rows_;
  std::array<std::array<histogram, 2>, 2> cancels_; ///< Route, action.
};

} // namespace heddle::http
