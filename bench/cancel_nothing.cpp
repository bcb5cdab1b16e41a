// How many cancels that match nothing a server answers, against the same
// server's route that does nothing at all (204, no actor, no store).
//
// Measured: 64 connections, keep-alive, each with one request under way;
// requests per second and CPU of the server's process per request, medians of
// rounds that take turns. `live`: the thread is at work (someone follows one of
// its runs) but has no such run. `thread`: there is no such thread.
// Not measured: pipelining, TLS, new connections, a network. The load generator
// shares the cores with the server.

#include "bench/lib/child.hpp"
#include "bench/lib/disk.hpp"
#include "bench/lib/feed.hpp"
#include "bench/lib/follow.hpp"
#include "bench/lib/medians.hpp"
#include "bench/lib/options.hpp"
#include "bench/lib/report.hpp"

using namespace heddle;
using namespace heddle::bench;

namespace {

constexpr std::size_t live_threads = 64;

/// Cancels of runs that do not exist, on these threads in turn.
auto cancels(std::vector<thread_id> threads, std::chrono::milliseconds time) {
  std::vector<std::string> texts;
  for (const auto& thread : threads)
    texts.push_back(request_text("POST /threads/" + thread.str() + "/runs/"
                                 + run_id{next_id()}.str() + "/cancel"));
  return [texts = std::move(texts), at = std::size_t{0},
          until
          = std::chrono::steady_clock::now() + time](std::string& out) mutable {
    out += texts[at++ % texts.size()];
    return std::chrono::steady_clock::now() < until;
  };
}

std::vector<thread_id> unknown_threads() {
  std::vector<thread_id> result;
  for (std::size_t i = 0; i < 4096; ++i)
    result.push_back(thread_id{next_id()});
  return result;
}

} // namespace

int main(int argc, char** argv) {
  auto opts = read_options(argc, argv);
  scratch dir{opts.data};
  std::vector<thread_id> live;
  auto runs = fill(dir.at("data"), live_threads, 1);
  auto server = serve_in_child(dir.at("data"));
  std::vector<std::unique_ptr<follower>> readers;
  for (const auto& [thread, run] : runs) {
    live.push_back(thread);
    readers.push_back(std::make_unique<follower>(
      server.port,
      "GET /threads/" + thread.str() + "/runs/" + run.str() + "/stream"));
  }
  auto unknown = unknown_threads();
  std::chrono::milliseconds time{opts.smoke ? 30 : 400};

  medians found{opts};
  for (int round = 0; round < opts.rounds(); ++round) {
    auto cancel = [&](const std::vector<thread_id>& threads) {
      return bench::run({server.port, 64, cancels(threads, time), 404, {}},
                        *server.process);
    };
    found.measure("bare", [&] { return ask_nothing(server, opts); });
    found.measure("live", [&] { return cancel(live); });
    found.measure("thread", [&] { return cancel(unknown); });
  }
  report out{"cancel_nothing"};
  found.write_to(out);
  found.put_ratio(out, "live_to_bare", "live", "bare");
  found.put_ratio(out, "thread_to_bare", "thread", "bare");
  found.put_cpu_ratio(out, "live", "live", "bare");
  out.print();
}
