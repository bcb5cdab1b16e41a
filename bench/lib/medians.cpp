#include "bench/lib/medians.hpp"

#include <algorithm>

namespace heddle::bench {

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

void medians::add(const std::string& name, const measured& round) {
  auto& at = all_[name];
  at.per_second.push_back(round.per_second());
  at.p50.push_back(round.p50());
  at.p99.push_back(round.percentile(0.99));
  at.cpu.push_back(round.cpu_us);
}

double medians::per_second(const std::string& name) const {
  return median(all_.at(name).per_second);
}

double medians::cpu_us(const std::string& name) const {
  return median(all_.at(name).cpu);
}

double medians::p50_us(const std::string& name) const {
  return median(all_.at(name).p50);
}

double medians::ratio(const std::string& name, const std::string& to) const {
  const auto& mine = all_.at(name).per_second;
  const auto& other = all_.at(to).per_second;
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(mine.size(), other.size()); ++i)
    ratios.push_back(mine[i] / other[i]);
  return median(std::move(ratios));
}

void medians::write_to(report& out) const {
  for (const auto& [name, at] : all_) {
    out.put(name + "_per_s", median(at.per_second));
    out.put(name + "_p50_us", median(at.p50));
    out.put(name + "_p99_us", median(at.p99));
    out.put(name + "_cpu_us", median(at.cpu));
  }
}

} // namespace heddle::bench
