#include "bench/load_generator/latencies.hpp"

#include <algorithm>
#include <cmath>

namespace heddle::load {

namespace {

constexpr double lowest_us = 1;
constexpr double highest_us = 1e9;
constexpr double relative_width = 0.005;

unsigned bin_count() {
  return static_cast<unsigned>(std::log(highest_us / lowest_us)
                               / std::log1p(relative_width));
}

} // namespace

latencies::latencies()
  : bins_(boost::histogram::make_histogram_with(
    counts{}, axis{bin_count(), lowest_us, highest_us})) {
  // nop
}

void latencies::add(clock::duration took) {
  auto us = std::chrono::duration<double, std::micro>{took}.count();
  bins_(std::max(us, lowest_us));
  max_us_ = std::max(max_us_, us);
  ++count_;
}

void latencies::add(const latencies& more) {
  bins_ += more.bins_;
  max_us_ = std::max(max_us_, more.max_us_);
  count_ += more.count_;
}

double latencies::percentile(double q) const {
  auto wanted = std::max<double>(1, std::ceil(q * static_cast<double>(count_)));
  double seen = 0;
  for (const auto& [us, n] : bins())
    if ((seen += static_cast<double>(n)) >= wanted)
      return std::min(us, max_us_);
  return max_us_;
}

std::vector<std::pair<double, std::uint64_t>> latencies::bins() const {
  std::vector<std::pair<double, std::uint64_t>> result;
  const auto& scale = bins_.axis();
  for (int i = 0; i < scale.size(); ++i)
    if (auto n = bins_.at(i))
      result.emplace_back(std::sqrt(scale.value(i) * scale.value(i + 1)), n);
  return result;
}

} // namespace heddle::load
