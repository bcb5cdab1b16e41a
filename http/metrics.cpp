#include "http/metrics.hpp"

#include <algorithm>

namespace heddle::http {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;

} // namespace

metrics::metrics(const router& routes)
  : routes_(&routes), rows_(routes.table().size() + 1) {
  // nop
}

void metrics::count(const route* found, unsigned status) noexcept {
  auto at = std::find(statuses.begin(), statuses.end(), status);
  auto column = static_cast<std::size_t>(at - statuses.begin());
  auto& row = found ? rows_[routes_->index(found)] : rows_.back();
  row[column].fetch_add(1, relaxed);
}

void metrics::cancel_answered(cancel_cause::kind route, cancel_action action,
                              std::chrono::nanoseconds took) noexcept {
  auto& h = cancels_[route == cancel_cause::kind::bulk_route ? 1 : 0]
                    [action == cancel_action::rollback ? 1 : 0];
  auto seconds = std::chrono::duration<double>{took}.count();
  auto at = std::lower_bound(bounds.begin(), bounds.end(), seconds);
  h.counts[static_cast<std::size_t>(at - bounds.begin())].fetch_add(1, relaxed);
  h.nanoseconds.fetch_add(static_cast<std::uint64_t>(took.count()), relaxed);
}

std::string_view metrics::name_of(verb method) noexcept {
  auto text = boost::beast::http::to_string(method);
  return {text.data(), text.size()};
}

std::vector<metrics::request_count> metrics::requests() const {
  std::vector<request_count> all;
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    auto known = r < routes_->table().size();
    auto method = known ? name_of(routes_->table()[r].method) : "";
    auto path = known ? routes_->table()[r].pattern : "";
    for (std::size_t s = 0; s <= statuses.size(); ++s)
      if (auto n = rows_[r][s].load(relaxed))
        all.push_back({method, path, s < statuses.size() ? statuses[s] : 0, n});
  }
  return all;
}

std::vector<metrics_snapshot::histogram> metrics::histograms() const {
  std::vector<metrics_snapshot::histogram> all;
  for (std::size_t route = 0; route < 2; ++route)
    for (std::size_t action = 0; action < 2; ++action) {
      const auto& h = cancels_[route][action];
      metrics_snapshot::histogram shown;
      shown.name = "heddle_cancel_answer_seconds";
      shown.labels = {{"route", route == 0 ? "run" : "bulk"},
                      {"action", action == 0 ? "interrupt" : "rollback"}};
      shown.bounds.assign(bounds.begin(), bounds.end());
      for (const auto& n : h.counts)
        shown.counts.push_back(n.load(relaxed));
      shown.sum = static_cast<double>(h.nanoseconds.load(relaxed)) / 1e9;
      all.push_back(std::move(shown));
    }
  return all;
}

} // namespace heddle::http
