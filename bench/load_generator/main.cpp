// Loads one or more Agent Servers: rounds of each scenario take turns between
// them, and each round is a line of JSON. ./bench/load makes a report of it.

#include "bench/load_generator/bare.hpp"
#include "bench/load_generator/json.hpp"
#include "bench/load_generator/report.hpp"
#include "bench/load_generator/round.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <cstdio>
#include <optional>

using namespace heddle::load;

namespace {

constexpr std::size_t fill_connections = 256; // Many creates to a commit.

/// A server, and what it has.
struct site {
  std::unique_ptr<server> to;
  graphs has;
  std::string info;
};

/// Waits for what one connection asks.
void run(server& to, std::function<task<>(connection&)> act) {
  connection by{to};
  std::exception_ptr failed;
  to.attend();
  asio::co_spawn(to.io, act(by), [&](std::exception_ptr why) {
    failed = why;
    to.stop();
  });
  to.io.restart();
  to.io.run();
  if (failed)
    std::rethrow_exception(failed);
}

site visit(asio::io_context& io, const target& at, const settings& how) {
  site result{std::make_unique<server>(io, at, how), {}, {}};
  run(*result.to, [&](connection& by) -> task<> {
    co_await by.ask("GET", "/info");
    result.info = by.got().body;
    result.has = co_await find_graphs(by, how);
  });
  return result;
}

/// What it lacks for a scenario; empty if nothing.
std::string lacking(const scenario& what, const graphs& has) {
  auto missing = what.needs_trivial && !has.trivial ? "trivial"
                 : what.needs_slow && !has.slow     ? "slow"
                 : what.needs_tokens && !has.tokens ? "tokens"
                                                    : "";
  if (*missing == '\0')
    return {};
  return std::string{"no graph that is known to be "} + missing + ": --graph "
         + missing + "=NAME";
}

/// What the generator itself costs, where there is as little as possible to do.
double measure_bare(asio::io_context& io, const bare_server& bare,
                    settings how) {
  how.time = seconds{how.smoke ? 0.1 : 1};
  how.count = 1'000'000;
  how.rate = 0;
  how.headers.clear();
  target at{"", "127.0.0.1", bare.port(), ""};
  server to{io, at, how};
  scenario nothing;
  nothing.act = [](client& c, item&) -> task<> {
    co_await c.main.ask("GET", "/");
    expect(c, c.main.got(), {204}, "GET /");
  };
  auto cpu = bare.cpu();
  auto found = scenario_round{io, to, how, {}, nothing, 64}.run();
  std::chrono::duration<double, std::micro> spent = bare.cpu() - cpu;
  auto requests = static_cast<double>(found.requests);
  auto bare_us = spent.count() / std::max(requests, 1.0);
  print_bare(found.own_cpu_us, bare_us, requests / found.seconds);
  return bare_us;
}

/// Creates threads until there are as many as asked for.
bool fill(asio::io_context& io, site& at, std::size_t index, settings how) {
  std::size_t has = 0;
  run(*at.to, [&](connection& by) -> task<> {
    co_await by.ask("POST", "/threads/count", "{}");
    auto count = parse(by.got().body);
    if (by.got().status == 200 && count.is_number_unsigned())
      has = count.get<std::size_t>();
  });
  how.count = how.fill > has ? how.fill - has : 0;
  how.time = how.fill_time;
  how.rate = 0;
  scenario create
    = *std::ranges::find(all_scenarios(), "create-thread", &scenario::name);
  create.check = nullptr;
  auto found
    = scenario_round{io, *at.to, how, at.has, create, fill_connections}.run();
  print_fill(index, has + found.done, found);
  return found.failed == 0 && found.done == how.count;
}

/// All rounds of a scenario with so many connections. @returns whether all
/// went well, or nothing could be measured.
class turns {
public:
  turns(asio::io_context& io, std::vector<site>& sites, const settings& how,
        double bare_us)
    : io_(io), sites_(sites), how_(how), bare_us_(bare_us) {}

  void play(const scenario& what, std::size_t connections) {
    std::vector<bool> left_out(sites_.size(), false);
    for (std::size_t round = 0; round < how_.rounds; ++round)
      for (std::size_t i = 0; i < sites_.size(); ++i)
        if (!left_out[i])
          left_out[i] = !once(what, {i, round, connections, how_.rate});
  }

  std::uint64_t failed() const noexcept { return failed_; }
  std::uint64_t done() const noexcept { return done_; }

private:
  bool once(const scenario& what, const place& where) {
    auto& at = sites_[where.server];
    tally found;
    found.unsupported = lacking(what, at.has);
    if (how_.rate > 0 && !what.open_loop)
      found.unsupported = "only in a closed loop: it has no rate";
    if (found.unsupported.empty())
      found = scenario_round{io_, *at.to, how_, at.has, what, where.connections}
                .run();
    failed_ += found.failed;
    done_ += found.done;
    print_round(what, where, found, bare_us_);
    return found.unsupported.empty();
  }

  asio::io_context& io_;
  std::vector<site>& sites_;
  const settings& how_;
  double bare_us_;
  std::uint64_t failed_ = 0;
  std::uint64_t done_ = 0;
};

std::vector<const scenario*> chosen(const settings& how) {
  std::vector<const scenario*> result;
  for (const auto& name : how.scenarios)
    if (std::ranges::count(all_scenarios(), name, &scenario::name) == 0)
      throw broken{"no such scenario: " + name + " (--list)"};
  for (const auto& each : all_scenarios())
    if (how.scenarios.empty()
        || std::ranges::count(how.scenarios, each.name) > 0)
      result.push_back(&each);
  return result;
}

int load(const settings& how, const bare_server* bare) {
  asio::io_context io{1};
  auto bare_us = bare != nullptr ? measure_bare(io, *bare, how) : 0;
  std::vector<site> sites;
  for (std::size_t i = 0; i < how.targets.size(); ++i) {
    sites.push_back(visit(io, how.targets[i], how));
    print_server(i, how.targets[i], sites[i].info, sites[i].has);
  }
  if (how.fill > 0) {
    bool well = true;
    for (std::size_t i = 0; i < sites.size(); ++i)
      well = fill(io, sites[i], i, how) && well;
    return well ? 0 : 1;
  }
  turns all{io, sites, how, bare_us};
  for (const auto* each : chosen(how))
    for (auto connections : how.connections)
      all.play(*each, connections);
  return all.failed() == 0 && all.done() > 0 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
  auto how = read_settings(argc, argv);
  if (how.list) {
    print_scenarios();
    return 0;
  }
  try {
    std::optional<bare_server> bare;
    if (how.bare && how.fill == 0)
      bare.emplace();
    return load(how, bare ? &*bare : nullptr);
  } catch (const std::exception& why) {
    std::fprintf(stderr, "heddle_load: %s\n", why.what());
    return 1;
  }
}
