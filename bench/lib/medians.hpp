#pragma once

#include "bench/lib/load.hpp"
#include "bench/lib/report.hpp"

#include <map>
#include <string>
#include <vector>

namespace heddle::bench {

/// Rounds of several loads that take turns, so that what the machine does
/// besides meets all of them alike.
class medians {
public:
  void add(const std::string& name, const measured& round);

  double per_second(const std::string& name) const;
  double cpu_us(const std::string& name) const;
  double p50_us(const std::string& name) const;

  /// The median of the rounds' own ratios of operations per second.
  double ratio(const std::string& name, const std::string& to) const;

  /// `<name>_per_s`, `<name>_p50_us`, `<name>_p99_us` and `<name>_cpu_us` of
  /// each.
  void write_to(report& out) const;

private:
  struct rounds {
    std::vector<double> per_second, p50, p99, cpu;
  };
  std::map<std::string, rounds> all_;
};

double median(std::vector<double> values);

} // namespace heddle::bench
