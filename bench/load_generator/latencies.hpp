#pragma once

#include <boost/histogram/axis/regular.hpp>
#include <boost/histogram/histogram.hpp>
#include <boost/histogram/make_histogram.hpp>
#include <boost/histogram/storage_adaptor.hpp>

#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

namespace heddle::load {

using clock = std::chrono::steady_clock;

/// How long many operations took: a histogram with bins of equal relative
/// width, so that a percentile is right within half a percent from 1 µs to
/// 1000 s, in constant memory. (Boost.Histogram with a logarithmic axis, as
/// HdrHistogram does it: Debian has no HdrHistogram for C++.)
class latencies {
public:
  latencies();

  void add(clock::duration took);
  void add(const latencies& more);

  std::uint64_t count() const noexcept { return count_; }
  /// In microseconds; `q` in 0..1. 0 if there is nothing.
  double percentile(double q) const;
  double max_us() const noexcept { return max_us_; }

  /// What is not empty, ascending: the middle of a bin in microseconds, and
  /// how many.
  std::vector<std::pair<double, std::uint64_t>> bins() const;

private:
  using axis
    = boost::histogram::axis::regular<double,
                                      boost::histogram::axis::transform::log,
                                      boost::histogram::axis::null_type>;
  using counts = boost::histogram::dense_storage<std::uint64_t>;

  boost::histogram::histogram<std::tuple<axis>, counts> bins_;
  std::uint64_t count_ = 0;
  double max_us_ = 0;
};

} // namespace heddle::load
