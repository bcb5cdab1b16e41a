#include "http/metrics_page.hpp"

#include <nlohmann/json.hpp>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <utility>

namespace heddle::http {

namespace {

using json = nlohmann::ordered_json;
using labels = std::vector<std::pair<std::string, std::string>>;
using family_list = std::vector<prometheus::MetricFamily>;

prometheus::MetricFamily& family(family_list& all, const std::string& name,
                                 const std::string& help,
                                 prometheus::MetricType type) {
  auto at = std::find_if(all.begin(), all.end(),
                         [&](const auto& f) { return f.name == name; });
  if (at != all.end())
    return *at;
  prometheus::MetricFamily fresh;
  fresh.name = name;
  fresh.help = help;
  fresh.type = type;
  return all.emplace_back(std::move(fresh));
}

prometheus::ClientMetric labelled(const labels& names) {
  prometheus::ClientMetric metric;
  for (const auto& [name, value] : names)
    metric.label.push_back({name, value});
  return metric;
}

void add_value(family_list& all, const metrics_snapshot::counter& c) {
  auto metric = labelled(c.labels);
  auto type
    = c.gauge ? prometheus::MetricType::Gauge : prometheus::MetricType::Counter;
  if (c.gauge)
    metric.gauge.value = c.value;
  else
    metric.counter.value = c.value;
  family(all, c.name, c.help, type).metric.push_back(std::move(metric));
}

void add_gauge(family_list& all, const char* name, const char* help,
               double value) {
  add_value(all, {name, help, {}, value, true});
}

void add_histogram(family_list& all, const metrics_snapshot::histogram& h) {
  auto metric = labelled(h.labels);
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < h.counts.size(); ++i) {
    below += h.counts[i];
    auto bound = i < h.bounds.size() ? h.bounds[i]
                                     : std::numeric_limits<double>::infinity();
    metric.histogram.bucket.push_back({below, bound});
  }
  metric.histogram.sample_count = below;
  metric.histogram.sample_sum = h.sum;
  family(all, h.name, "Seconds", prometheus::MetricType::Histogram)
    .metric.push_back(std::move(metric));
}

json histogram_json(const metrics_snapshot::histogram& h) {
  json shown{{"name", h.name}, {"labels", json::object()}};
  for (const auto& [name, value] : h.labels)
    shown["labels"][name] = value;
  shown["bounds"] = h.bounds;
  shown["counts"] = h.counts;
  shown["sum"] = h.sum;
  return shown;
}

} // namespace

std::string metrics_json(const metrics_snapshot& now, const metrics& counts) {
  json text;
  text["queue"]
    = {{"n_pending", now.pending},
       {"n_running", now.running},
       {"pending_runs_wait_time_max_secs", now.wait_max_seconds},
       {"pending_runs_wait_time_med_secs", now.wait_median_seconds},
       {"pending_unblocked_runs_wait_time_max_secs", now.wait_max_seconds}};
  auto active = std::min(now.workers_active, now.workers_max);
  text["workers"] = {{"max", now.workers_max},
                     {"active", now.workers_active},
                     {"available", now.workers_max - active}};
  auto& requests = text["api"]["http_requests_total"] = json::array();
  for (const auto& r : counts.requests())
    requests.push_back({{"method", r.method},
                        {"path", r.path},
                        {"status", r.status},
                        {"count", r.count}});
  auto& histograms = text["histograms"] = json::array();
  for (const auto& h : counts.histograms())
    histograms.push_back(histogram_json(h));
  for (const auto& h : now.histograms)
    histograms.push_back(histogram_json(h));
  return text.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string metrics_text(const metrics_snapshot& now, const metrics& counts,
                         std::size_t connections) {
  family_list all;
  add_gauge(all, "heddle_runs_pending", "Runs that wait",
            static_cast<double>(now.pending));
  add_gauge(all, "heddle_runs_running", "Runs that execute",
            static_cast<double>(now.running));
  add_gauge(all, "heddle_run_wait_seconds_max", "Longest wait of a run",
            now.wait_max_seconds);
  add_gauge(all, "heddle_run_wait_seconds_median", "Median wait of the runs",
            now.wait_median_seconds);
  add_gauge(all, "heddle_slots_max", "Runs that may execute at once",
            static_cast<double>(now.workers_max));
  add_gauge(all, "heddle_slots_active", "Runs that hold a slot",
            static_cast<double>(now.workers_active));
  add_gauge(all, "heddle_http_connections", "Connections open.",
            static_cast<double>(connections));
  for (const auto& c : now.counters)
    add_value(all, c);
  for (const auto& r : counts.requests())
    add_value(all, {"heddle_http_requests_total",
                    "Requests by route and status",
                    {{"method", std::string{r.method}},
                     {"path", std::string{r.path}},
                     {"status", std::to_string(r.status)}},
                    static_cast<double>(r.count),
                    false});
  for (const auto& h : counts.histograms())
    add_histogram(all, h);
  for (const auto& h : now.histograms)
    add_histogram(all, h);
  return prometheus::TextSerializer{}.Serialize(all);
}

} // namespace heddle::http
