// How long a cancel of a run that executes takes: until it is answered (it is
// durable then), and until the run is over.
//
// Measured: `POST /threads/{}/runs/{}/cancel` on one connection, one run at a
// time, of Python graphs whose node awaits (`slow`) or spins on the event loop
// (`async_cpu`); over: `wait=1` of the same, on runs of their own. While the
// CPU loop is stopped, another connection asks for `/ok` all the time. The
// grace is 500 ms: from then on the process is killed. Not measured: nodes in
// threads, rollback, many at once.

#include "bench/lib/disk.hpp"
#include "bench/lib/medians.hpp"
#include "bench/lib/report.hpp"
#include "bench/lib/whole_server.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

using namespace heddle::bench;

namespace {

constexpr const char* grace = "500ms";

measured cancels(const served& server, const std::string& graph, bool wait,
                 std::size_t count) {
  measured all;
  for (std::size_t i = 0; i < count; ++i) {
    auto path = "POST " + executing(server, graph) + "/cancel"
                + (wait ? "?wait=1" : "");
    bool asked = false;
    auto one = heddle::bench::run({server.port,
                                   1,
                                   [&](std::string& out) {
                                     out += request_text(path);
                                     return !std::exchange(asked, true);
                                   },
                                   wait ? 200U : 202U,
                                   {}},
                                  *server.process);
    all.us.push_back(one.us.front());
    all.seconds += one.seconds;
  }
  std::sort(all.us.begin(), all.us.end());
  return all;
}

measured pings_until(const served& server, const std::atomic<bool>& over) {
  auto next = [&over, text = request_text("GET /ok")](std::string& out) {
    out += text;
    return !over;
  };
  return heddle::bench::run({server.port, 1, next, 200, {}}, *server.process);
}

} // namespace

int main(int argc, char** argv) {
  auto opts = read_options(argc, argv);
  if (!has_python(opts))
    return 0;
  scratch dir{opts.data};
  auto server = serve_whole(opts, dir.at("data"), {"--stop-grace", grace});
  cancels(server, "slow", true, opts.amount(5, 1));
  auto answered = cancels(server, "slow", false, opts.amount(60, 2));
  auto over = cancels(server, "slow", true, opts.amount(60, 2));
  std::atomic<bool> done = false;
  measured pings;
  std::thread other{[&] { pings = pings_until(server, done); }};
  auto loops = cancels(server, "async_cpu", true, opts.amount(5, 1));
  done = true;
  other.join();
  report out{"cancel_running"};
  out.put("grace_ms", 500);
  out.put("answered_p50_ms", answered.p50() / 1000);
  out.put("answered_p99_ms", answered.percentile(0.99) / 1000);
  out.put("over_p50_ms", over.p50() / 1000);
  out.put("over_p99_ms", over.percentile(0.99) / 1000);
  out.put("loop_over_p50_ms", loops.p50() / 1000);
  out.put("loop_over_max_ms", loops.percentile(1) / 1000);
  out.put("ping_p50_ms", pings.p50() / 1000);
  out.put("ping_p99_ms", pings.percentile(0.99) / 1000);
  out.print();
}
