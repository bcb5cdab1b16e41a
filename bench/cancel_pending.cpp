// How many pending runs a server cancels, each durably before it is answered,
// against the port of its store fed in process with the same writes, and
// against what one sync of the disk takes.
//
// Measured: one run per thread, none of which has a live actor, interrupted by
// `POST /threads/{}/runs/{}/cancel`; 64 connections and 1, keep-alive, medians
// of rounds that take turns with the store's. `store`: 64 (or 1) writes waiting
// all the time on a store of this process, on the same disk. CPU: of the
// server's process, or of this one.
// Not measured: runs that execute (cancel_running), many at once (bulk_cancel).

#include "bench/lib/child.hpp"
#include "bench/lib/disk.hpp"
#include "bench/lib/feed.hpp"
#include "bench/lib/medians.hpp"
#include "bench/lib/options.hpp"
#include "bench/lib/report.hpp"

#include <algorithm>
#include <span>

using namespace heddle;
using namespace heddle::bench;

namespace {

using places = std::span<const place>;

measured over_http(const served& server, places runs, std::size_t at_once) {
  auto next = [at = runs.begin(), runs](std::string& out) mutable {
    if (at == runs.end())
      return false;
    out += request_text("POST /threads/" + at->thread.str() + "/runs/"
                        + at->run.str() + "/cancel");
    ++at;
    return true;
  };
  return bench::run({server.port, at_once, next, 202, {}}, *server.process);
}

measured at_the_store(store& rows, places runs, std::size_t at_once) {
  return feed(rows, lane::urgent, at_once, runs.size(),
              [runs](write_tx& tx, std::size_t i) {
                tx.cancel_run(runs[i].thread, runs[i].run,
                              cancel_action::interrupt,
                              "Interrupted by a client", wall_time());
              });
}

/// One cancel after the other, and syncs of the disk in between: what a sync
/// takes changes from one second to the next.
void one_by_one(medians& found, const served& server, places runs,
                sync_floor& disk) {
  constexpr std::size_t turn = 25;
  measured cancels;
  measured syncs;
  for (; !runs.empty(); runs = runs.subspan(std::min(turn, runs.size()))) {
    syncs.add(disk.sync(turn));
    cancels.add(over_http(server, runs.first(std::min(turn, runs.size())), 1));
  }
  found.measure("sync", [&] { return syncs; });
  found.measure("http_c1", [&] { return cancels; });
}

} // namespace

int main(int argc, char** argv) {
  auto opts = read_options(argc, argv);
  scratch dir{opts.data};
  const auto many = opts.amount(10'000, 300);
  const auto few = opts.amount(500, 30);
  auto total = (many + few) * static_cast<std::size_t>(opts.rounds());
  auto served_runs = fill(dir.at("served"), total, 1);
  auto fed_runs = fill(dir.at("fed"), total, 1);
  auto server = serve_in_child(dir.at("served"));
  auto rows = open_rows(dir.at("fed"));

  sync_floor disk{dir};
  medians found{opts};
  std::size_t at = 0;
  for (int round = 0; round < opts.rounds(); ++round) {
    auto served = places{served_runs}.subspan(at, many + few);
    auto fed = places{fed_runs}.subspan(at, many + few);
    at += many + few;
    found.measure("store_c64",
                  [&] { return at_the_store(*rows, fed.first(many), 64); });
    found.measure("http_c64",
                  [&] { return over_http(server, served.first(many), 64); });
    one_by_one(found, server, served.last(few), disk);
    found.measure("bare", [&] { return ask_nothing(server, opts); });
  }
  report out{"cancel_pending"};
  found.write_to(out);
  found.put_ratio(out, "http_to_store_c64", "http_c64", "store_c64");
  found.put_ratio(out, "http_to_bare_c64", "http_c64", "bare");
  found.put_time_ratio(out, "http_c1_to_sync_p50", "http_c1", "sync");
  found.put_cpu_ratio(out, "http", "http_c64", "bare");
  out.print();
}
