// A day of a server in small: everything, in the shares that clients ask it.

#include "bench/load_generator/scenario.hpp"

#include <algorithm>
#include <array>

namespace heddle::load {

namespace {

struct share {
  std::string_view name;
  unsigned weight;
};

constexpr std::array shares{
  share{"get-run", 30},       share{"create-thread", 12},
  share{"create-run", 8},     share{"list-runs", 10},
  share{"search-threads", 5}, share{"wait", 10},
  share{"run-to-end", 5},     share{"stream-tokens", 8},
  share{"cancel-pending", 8}, share{"cancel-running", 2},
  share{"rollback", 1},       share{"bulk-by-ids", 1},
};

bool has_graphs(const client& c, const scenario& what) {
  return (c.has.trivial || !what.needs_trivial)
         && (c.has.slow || !what.needs_slow)
         && (c.has.tokens || !what.needs_tokens);
}

const scenario& draw(client& c) {
  std::vector<std::pair<const scenario*, unsigned>> can;
  unsigned sum = 0;
  for (const auto& each : all_scenarios())
    for (const auto& [name, weight] : shares)
      if (each.name == name && has_graphs(c, each))
        can.emplace_back(&each, sum += weight);
  auto at = std::uniform_int_distribution<unsigned>{0, sum - 1}(c.random);
  return *std::ranges::find_if(can, [at](const auto& each) {
            return at < each.second;
          })->first;
}

task<> act(client& c, item&) {
  const auto& chosen = draw(c);
  item what;
  if (chosen.prepare != nullptr)
    co_await chosen.prepare(c, what);
  auto begun = clock::now();
  c.begin_now();
  co_await chosen.act(c, what);
  c.note(chosen.name.data(), begun);
  c.lap();
  if (chosen.check != nullptr)
    co_await chosen.check(c, what);
  else if (chosen.clear != nullptr)
    co_await chosen.clear(c, what);
}

constexpr std::array mixed_list{
  scenario{.name = "mixed-day",
           .words = "all of these that one client does, in a fixed mixture",
           .open_loop = true,
           .act = act},
};

std::vector<scenario> gather() {
  std::vector<scenario> result;
  for (auto each : {simple_scenarios(), run_scenarios(), cancel_scenarios(),
                    bulk_scenarios(), crowd_scenarios(),
                    std::span<const scenario>{mixed_list}})
    result.insert(result.end(), each.begin(), each.end());
  return result;
}

} // namespace

std::span<const scenario> all_scenarios() {
  static const std::vector<scenario> all = gather();
  return all;
}

} // namespace heddle::load
