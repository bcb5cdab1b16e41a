// How fast a run is read that nobody executes: `GET /threads/{}/runs/{}`.
//
// Measured: 64 connections, keep-alive, against the same server's route that
// does nothing; a store of 100 000 runs. `warm`: 2000 of them, again and again;
// `cold`: each once in a random order, after the page cache has forgotten the
// file. Beside each, one more connection asks for the route that does nothing
// and tells how long a request waits that needs no disk (`ping`).
// Not measured: runs in flight, lists, search.

#include "bench/lib/child.hpp"
#include "bench/lib/disk.hpp"
#include "bench/lib/feed.hpp"
#include "bench/lib/medians.hpp"
#include "bench/lib/options.hpp"
#include "bench/lib/report.hpp"

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>

using namespace heddle;
using namespace heddle::bench;

namespace {

measured gets(const served& server, const std::vector<place>& runs,
              std::size_t from, std::size_t count, std::size_t distinct) {
  auto next = [&runs, from, count, distinct,
               at = std::size_t{0}](std::string& out) mutable {
    if (at == count)
      return false;
    const auto& one = runs[from + at++ % distinct];
    out += request_text("GET /threads/" + one.thread.str() + "/runs/"
                        + one.run.str());
    return true;
  };
  return bench::run({server.port, 64, next, 200, {}}, *server.process);
}

/// `work` beside a connection that asks for nothing.
template <class Work>
measured with_pings(const served& server, measured& pings, Work work) {
  std::atomic<bool> done = false;
  std::thread other{[&] {
    auto next = [&, text = request_text("POST /bare")](std::string& out) {
      out += text;
      return !done;
    };
    pings = bench::run({server.port, 1, next, 204, {}}, *server.process);
  }};
  auto result = work();
  done = true;
  other.join();
  return result;
}

} // namespace

int main(int argc, char** argv) {
  auto opts = read_options(argc, argv);
  scratch dir{opts.data};
  auto runs = fill(dir.at("data"), opts.amount(100'000, 2000), 1);
  std::shuffle(runs.begin(), runs.end(), std::mt19937_64{1});
  auto server = serve_in_child(dir.at("data"));
  const auto warm = opts.amount(2000, 100);
  const auto count = opts.amount(20'000, 500);
  std::chrono::milliseconds bare_time{opts.smoke ? 30 : 500};

  medians found;
  for (int round = 0; round < opts.rounds(); ++round) {
    found.add("bare", bench::run({server.port,
                                  64,
                                  repeat(request_text("POST /bare"), bare_time),
                                  204,
                                  {}},
                                 *server.process));
    gets(server, runs, 0, warm, warm);
    measured pings;
    found.add("warm", with_pings(server, pings, [&] {
                return gets(server, runs, 0, count, warm);
              }));
    found.add("warm_ping", pings);
    forget_pages(dir.at("data") + "/heddle.db");
    auto from = static_cast<std::size_t>(round) * count;
    found.add("cold", with_pings(server, pings, [&] {
                return gets(server, runs, from, count, count);
              }));
    found.add("cold_ping", pings);
  }
  report out{"read_run"};
  found.write_to(out);
  out.put("warm_to_bare_ratio", found.ratio("warm", "bare"));
  out.put("cold_to_bare_ratio", found.ratio("cold", "bare"));
  out.print();
}
