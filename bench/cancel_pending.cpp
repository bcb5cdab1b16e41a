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

} // namespace

int main(int argc, char** argv) {
  auto opts = read_options(argc, argv);
  scratch dir{opts.data};
  const auto many = opts.amount(15'000, 300);
  const auto few = opts.amount(1500, 30);
  auto total = (many + few) * static_cast<std::size_t>(opts.rounds());
  auto served_runs = fill(dir.at("served"), total, 1);
  auto fed_runs = fill(dir.at("fed"), total, 1);
  auto server = serve_in_child(dir.at("served"));
  auto rows = open_rows(dir.at("fed"));

  medians found;
  std::size_t at = 0;
  for (int round = 0; round < opts.rounds(); ++round) {
    auto measure = [&](const std::string& width, std::size_t n, std::size_t c) {
      found.add("store_" + width,
                at_the_store(*rows, places{fed_runs}.subspan(at, n), c));
      found.add("http_" + width,
                over_http(server, places{served_runs}.subspan(at, n), c));
      at += n;
    };
    found.add("sync", sync_times(dir, opts.amount(500, 20)));
    measure("c64", many, 64);
    measure("c1", few, 1);
    found.add(
      "bare",
      bench::run({server.port,
                  64,
                  repeat(request_text("POST /bare"),
                         std::chrono::milliseconds{opts.smoke ? 30 : 500}),
                  204,
                  {}},
                 *server.process));
  }
  report out{"cancel_pending"};
  found.write_to(out);
  out.put("http_to_store_c64_ratio", found.ratio("http_c64", "store_c64"));
  out.put("http_to_bare_c64_ratio", found.ratio("http_c64", "bare"));
  out.put("http_c1_to_sync_p50_ratio",
          found.p50_us("http_c1") / found.p50_us("sync"));
  out.print();
}
