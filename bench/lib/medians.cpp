#include "bench/lib/medians.hpp"

#include <algorithm>
#include <utility>

namespace heddle::bench {

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

void put_median(report& out, const std::string& name,
                std::vector<double> values) {
  if (values.empty())
    return;
  auto [low, high] = std::minmax_element(values.begin(), values.end());
  out.put(name + "_low", *low);
  out.put(name + "_high", *high);
  out.put(name, median(std::move(values)));
}

void medians::add(const std::string& name, const measured& round) {
  auto& at = all_[name];
  at.per_second.push_back(round.per_second());
  at.p50.push_back(round.p50());
  at.p99.push_back(round.percentile(0.99));
  at.cpu.push_back(round.cpu_us);
}

void medians::put_ratio_of(report& out, const std::string& key,
                           const std::string& name, const std::string& to,
                           figure what) const {
  auto mine = all_.find(name);
  auto other = all_.find(to);
  if (mine == all_.end() || other == all_.end())
    return;
  const auto& above = mine->second.*what;
  const auto& below = other->second.*what;
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(above.size(), below.size()); ++i)
    ratios.push_back(above[i] / below[i]);
  put_median(out, key + "_ratio", std::move(ratios));
}

void medians::put_ratio(report& out, const std::string& key,
                        const std::string& name, const std::string& to) const {
  put_ratio_of(out, key, name, to, &rounds::per_second);
}

void medians::put_time_ratio(report& out, const std::string& key,
                             const std::string& name,
                             const std::string& to) const {
  put_ratio_of(out, key, name, to, &rounds::p50);
}

void medians::put_cpu_ratio(report& out, const std::string& key,
                            const std::string& name,
                            const std::string& to) const {
  put_ratio_of(out, key + "_cpu_to_" + to, name, to, &rounds::cpu);
}

void medians::write_to(report& out) const {
  for (const auto& [name, at] : all_) {
    put_median(out, name + "_per_s", at.per_second);
    put_median(out, name + "_p50_us", at.p50);
    put_median(out, name + "_p99_us", at.p99);
    put_median(out, name + "_cpu_us", at.cpu);
  }
}

} // namespace heddle::bench
