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

  medians found{opts};
  auto beside_pings = [&](const std::string& name, auto work) {
    measured pings;
    found.measure(name, [&] { return with_pings(server, pings, work); });
    found.measure(name + "_ping", [&] { return pings; });
  };
  for (int round = 0; round < opts.rounds(); ++round) {
    found.measure("bare", [&] { return ask_nothing(server, opts); });
    gets(server, runs, 0, warm, warm);
    beside_pings("warm", [&] { return gets(server, runs, 0, count, warm); });
    forget_pages(dir.at("data") + "/heddle.db");
    auto from = static_cast<std::size_t>(round) * count;
    beside_pings("cold",
                 [&] { return gets(server, runs, from, count, count); });
  }
  report out{"read_run"};
  found.write_to(out);
  found.put_ratio(out, "warm_to_bare", "warm", "bare");
  found.put_ratio(out, "cold_to_bare", "cold", "bare");
  out.print();
}
