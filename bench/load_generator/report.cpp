#include "bench/load_generator/report.hpp"

#include "bench/load_generator/json.hpp"

#include <cstdio>

namespace heddle::load {

namespace {

/// Texts of a server may be anything.
void print(const json& line) {
  auto text = line.dump(-1, ' ', false, json::error_handler_t::replace);
  std::printf("%s\n", text.c_str());
  std::fflush(stdout);
}

json as_json(const latencies& of) {
  return {{"count", of.count()},
          {"p50_us", of.percentile(0.5)},
          {"p90_us", of.percentile(0.9)},
          {"p99_us", of.percentile(0.99)},
          {"p999_us", of.percentile(0.999)},
          {"max_us", of.max_us()},
          {"bins", of.bins()}};
}

json name_of(const std::optional<graph>& of) {
  return of ? json(of->name) : json(nullptr);
}

} // namespace

void print_scenarios() {
  for (const auto& each : all_scenarios())
    print({{"kind", "scenario"},
           {"name", each.name},
           {"words", each.words},
           {"open_loop", each.open_loop}});
}

void print_server(std::size_t index, const target& at, std::string_view info,
                  const graphs& has) {
  auto about = parse(info);
  print({{"kind", "server"},
         {"server", index},
         {"url", at.url},
         {"info", about.is_object() ? about : json(nullptr)},
         {"trivial", name_of(has.trivial)},
         {"slow", name_of(has.slow)},
         {"tokens", name_of(has.tokens)}});
}

void print_bare(double own_us, double server_us, double per_second) {
  print({{"kind", "bare"},
         {"own_cpu_us", own_us},
         {"server_cpu_us", server_us},
         {"ratio", own_us / server_us},
         {"per_s", per_second}});
}

void print_round(const scenario& what, const place& where, const tally& found,
                 double bare_us) {
  json line{{"kind", "round"},
            {"scenario", what.name},
            {"words", what.words},
            {"server", where.server},
            {"round", where.round},
            {"connections", where.connections},
            {"rate", where.rate},
            {"throughput", !what.makes_its_own},
            {"unsupported", found.unsupported},
            {"done", found.done},
            {"failed", found.failed},
            {"unserved", found.unserved},
            {"failures", found.failures},
            {"requests", found.requests},
            {"seconds", found.seconds},
            {"own_cpu_us", found.own_cpu_us},
            {"server_cpu_us", found.server_cpu_us},
            {"main", as_json(found.main)}};
  if (bare_us > 0)
    line["own_to_bare"] = found.own_cpu_us / bare_us;
  if (!what.unit.empty()) {
    line["unit"] = what.unit;
    line["units"] = found.units;
  }
  for (const auto& [name, times] : found.also)
    line["also"][name] = as_json(times);
  print(line);
}

void print_fill(std::size_t server, std::size_t threads, const tally& found) {
  print({{"kind", "fill"},
         {"server", server},
         {"threads", threads},
         {"created", found.done},
         {"failed", found.failed},
         {"seconds", found.seconds}});
}

} // namespace heddle::load
