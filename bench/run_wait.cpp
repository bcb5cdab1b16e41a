// What a run costs besides its graph: `POST /threads/{}/runs/wait` of a Python
// graph with one node that returns at once.
//
// Measured: the whole program with its worker processes; one connection (each
// run on a thread of its own), then 50; keep-alive. CPU: of the server alone.
// Not measured: the same workers without a server in front of them.

#include "bench/lib/disk.hpp"
#include "bench/lib/medians.hpp"
#include "bench/lib/report.hpp"
#include "bench/lib/whole_server.hpp"

using namespace heddle::bench;

namespace {

measured waits(const served& server, const std::vector<std::string>& threads,
               std::size_t at_once, std::size_t count) {
  auto next = [&threads, left = count](std::string& out) mutable {
    if (left == 0)
      return false;
    --left;
    out += request_text("POST /threads/" + threads[left % threads.size()]
                          + "/runs/wait",
                        R"({"assistant_id":"noop","input":{"x":1}})");
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
  scratch dir{opts.data};
  auto server = serve_whole(opts, dir.at("data"), {"--jobs-per-worker", "50"});
  std::vector<std::string> threads;
  for (int i = 0; i < 200; ++i)
    threads.push_back(new_thread(server));
  waits(server, threads, 2, opts.amount(100, 4)); // Both workers warm.
  medians found{opts};
  for (int round = 0; round < opts.rounds(); ++round) {
    found.add("c1", waits(server, threads, 1, opts.amount(200, 5)));
    found.add("c50", waits(server, threads, 50, opts.amount(1000, 50)));
  }
  report out{"run_wait"};
  found.write_to(out);
  out.print();
}
