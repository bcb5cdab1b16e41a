#pragma once

#include "bench/lib/load.hpp"
#include "bench/lib/options.hpp"
#include "bench/lib/report.hpp"

#include <map>
#include <string>
#include <vector>

namespace heddle::bench {

/// Rounds of several loads that take turns, so that what the machine does
/// besides meets all of them alike.
class medians {
public:
  /// Of the one load that `opts` names, or of all.
  explicit medians(const options& opts) : only_(opts.only) {}

  /// One more round of a load, unless it is not wanted.
  template <class Work>
  void measure(const std::string& name, Work work) {
    if (only_.empty() || only_ == name)
      add(name, work());
  }
  void add(const std::string& name, const measured& round);

  /// `<name>_per_s`, `<name>_p50_us`, `<name>_p99_us` and `<name>_cpu_us` of
  /// each, as medians with the lowest and the highest round.
  void write_to(report& out) const;

  /// `<key>_ratio`: the median of the rounds' own ratios of operations per
  /// second.
  void put_ratio(report& out, const std::string& key, const std::string& name,
                 const std::string& to) const;

  /// `<key>_ratio`: the same of the median times.
  void put_time_ratio(report& out, const std::string& key,
                      const std::string& name, const std::string& to) const;

  /// `<key>_cpu_to_<to>_ratio`: the same of the CPU of an operation. The one
  /// that a busy machine changes least.
  void put_cpu_ratio(report& out, const std::string& key,
                     const std::string& name, const std::string& to) const;

private:
  struct rounds {
    std::vector<double> per_second, p50, p99, cpu;
  };
  using figure = std::vector<double> rounds::*;
  void put_ratio_of(report& out, const std::string& key,
                    const std::string& name, const std::string& to,
                    figure what) const;

  std::string only_;
  std::map<std::string, rounds> all_;
};

double median(std::vector<double> values);

/// `<name>`, the median, and `<name>_low` and `<name>_high`.
void put_median(report& out, const std::string& name,
                std::vector<double> values);

} // namespace heddle::bench
