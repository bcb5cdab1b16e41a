#include "actors/make_server.hpp"

#include "actors/host_system.hpp"
#include "actors/house.hpp"
#include "actors/scheduler.hpp"
#include "actors/server_impl.hpp"
#include "actors/system_assistants.hpp"

#include <future>
#include <optional>
#include <utility>

namespace heddle {

namespace {

/// Everything a server owns, in the order in which it may not go.
struct standing_house {
  foundation where;
  server_parts parts;
  actors::random_ids ids;
  actors::config cfg; ///< Unused in the system of a host.
  std::optional<actors::house> house;

  standing_house(server_parts p, foundation w)
    : where(std::move(w)), parts(std::move(p)), cfg(parts.threads) {}
};

/// Waits for a write: only while nothing runs yet.
template <class Op>
auto write_now(store& rows, Op op) {
  using value = decltype(op(std::declval<write_tx&>()));
  std::promise<result<value>> done;
  auto waiting = done.get_future();
  write(rows, lane::urgent, std::move(op),
        [&done](result<value> got) { done.set_value(std::move(got)); });
  return waiting.get();
}

void log_recovery(const log_sink& log, const recovery& what) {
  if (what.interrupted + what.rolled_back + what.requeued + what.failed == 0)
    return;
  log(log_level::info, "took up what was under way at the last stop",
      {{"interrupted", what.interrupted},
       {"rolled_back", what.rolled_back},
       {"requeued", what.requeued},
       {"failed", what.failed}});
}

} // namespace

namespace {

std::vector<std::string> all_graphs(const std::vector<server_kind>& kinds) {
  std::vector<std::string> result;
  for (const auto& kind : kinds)
    result.insert(result.end(), kind.graphs.begin(), kind.graphs.end());
  return result;
}

/// The kinds that serve the graph, for people.
std::string who(const server_parts& parts, const std::string& graph) {
  std::string result;
  for (const auto& kind : parts.kinds)
    for (const auto& id : kind.graphs)
      if (id == graph)
        result += (result.empty() ? "" : " and ") + kind.name;
  return result;
}

std::vector<actors::worker_kind> kinds_of(const server_parts& parts) {
  std::vector<actors::worker_kind> result;
  for (const auto& kind : parts.kinds)
    result.push_back({kind.name, *kind.launcher, kind.graphs, kind.workers,
                      kind.jobs_per_worker});
  return result;
}

void build(standing_house& all) {
  auto& parts = all.parts;
  actors::house_ports ports{*parts.rows, parts.threads, parts.threads, all.ids,
                            *parts.webhooks};
  auto kinds = kinds_of(parts);
  if (all.where.host)
    all.house.emplace(ports, parts.opts, std::move(kinds), parts.log,
                      *all.where.host);
  else
    all.house.emplace(ports, parts.opts, std::move(kinds), parts.log, all.cfg);
}

/// Keeps the house standing for its server. The store goes quiet first: what it
/// still reports goes to actors, and those must not be gone.
class owning_impl final : public server::impl {
public:
  explicit owning_impl(std::unique_ptr<standing_house> all)
    : server::impl(all->house->env(), *all->house, &all->parts.threads),
      all_(std::move(all)) {}

  ~owning_impl() override { all_->parts.rows->stop(); }

private:
  std::unique_ptr<standing_house> all_;
};

} // namespace

result<std::unique_ptr<server>> make_server(server_parts parts,
                                            foundation where) {
  auto graphs = all_graphs(parts.kinds);
  if (auto twice = actors::served_twice({graphs}))
    return error{errc::bad_request,
                 "Graph '" + *twice + "' is served twice: " + who(parts, *twice)
                   + ". Give one of them another name."};
  if (where.host)
    if (auto why = actors::why_not_in(*where.host))
      return *why;
  auto& rows = *parts.rows;
  auto now = parts.threads.now();
  auto recovered
    = write_now(rows, [max = parts.opts.strikes_max, now](write_tx& tx) {
        return tx.recover(max, now);
      });
  if (recovered.has_error())
    return recovered.error();
  log_recovery(parts.log, *recovered);
  auto registered = write_now(rows, [graphs, now](write_tx& tx) {
    actors::put_system_assistants(tx, graphs, now);
    return true;
  });
  if (registered.has_error())
    return registered.error();
  auto all
    = std::make_unique<standing_house>(std::move(parts), std::move(where));
  build(*all);
  return std::make_unique<server>(
    std::make_unique<owning_impl>(std::move(all)));
}

} // namespace heddle
