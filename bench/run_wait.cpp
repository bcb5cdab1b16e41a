// What a run costs besides its graph: `POST /threads/{}/runs/wait` of a Python
// graph with one node that returns at once.
//
// Measured: the whole program with two worker processes; one connection (each
// run on a thread of its own), then 50; keep-alive. Against the same two
// processes and runs with no server before them, in turns (`harness`). CPU: of
// the server alone.
// Not measured: graphs that wait, payloads.

#include "bench/lib/disk.hpp"
#include "bench/lib/medians.hpp"
#include "bench/lib/report.hpp"
#include "bench/lib/whole_server.hpp"
#include "bench/lib/worker_harness.hpp"

using namespace heddle::bench;

namespace {

constexpr std::size_t processes = 2;
constexpr const char* body = R"({"assistant_id":"noop","input":{"x":1}})";

measured waits(const served& server, const std::vector<std::string>& threads,
               std::size_t at_once, std::size_t count) {
  auto next = [&threads, left = count](std::string& out) mutable {
    if (left == 0)
      return false;
    --left;
    out += request_text(
      "POST /threads/" + threads[left % threads.size()] + "/runs/wait", body);
    return true;
  };
  return heddle::bench::run({server.port, at_once, next, 200, {}},
                            *server.process);
}

} // namespace

int main(int argc, char** argv) {
  auto opts = read_options(argc, argv);
  if (!has_python(opts))
    return 0;
  worker_harness harness{opts, processes};
  scratch dir{opts.data};
  auto server = serve_whole(
    opts, dir.at("data"),
    {"--workers", std::to_string(processes), "--jobs-per-worker", "50"});
  std::vector<std::string> threads;
  for (int i = 0; i < 200; ++i)
    threads.push_back(new_thread(server));
  const auto many = opts.amount(600, 50);
  waits(server, threads, 2, opts.amount(100, 4)); // All of them warm.
  harness.run({body, opts.amount(100, 4), 2, {}});
  medians found{opts};
  for (int round = 0; round < opts.rounds(); ++round) {
    found.measure("harness_c1", [&] {
      return harness.run({body, opts.amount(150, 5), 1, {}});
    });
    found.measure(
      "c1", [&] { return waits(server, threads, 1, opts.amount(150, 5)); });
    found.measure("harness_c50", [&] {
      return harness.run({body, many, 50, {}});
    });
    found.measure("c50", [&] { return waits(server, threads, 50, many); });
  }
  report out{"run_wait"};
  found.write_to(out);
  found.put_ratio(out, "c50_to_harness", "c50", "harness_c50");
  found.put_time_ratio(out, "c1_to_harness_p50", "c1", "harness_c1");
  out.print();
}
