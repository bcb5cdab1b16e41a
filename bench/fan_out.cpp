// Whether many can watch one run.
//
// Measured: 500 connections that have joined the stream of a run whose node
// waits (`GET /threads/{}/runs/{}/stream`): what the server's CPU does while
// nothing happens, and the time from a cancel of that run until the first and
// the last of them has read the end of its stream.
// Not measured: many events to many readers, slow readers.

#include "bench/lib/disk.hpp"
#include "bench/lib/follow.hpp"
#include "bench/lib/medians.hpp"
#include "bench/lib/report.hpp"
#include "bench/lib/whole_server.hpp"

#include <chrono>
#include <memory>
#include <thread>
#include <vector>

using namespace heddle::bench;

namespace {

using clock_type = std::chrono::steady_clock;
using readers = followers;

readers join(const served& server, const std::string& run, std::size_t count) {
  readers result;
  for (std::size_t i = 0; i < count; ++i)
    result.push_back(
      std::make_unique<follower>(server.port, "GET " + run + "/stream"));
  return result;
}

/// Milliseconds from now until each of them is over, in the order of that.
std::vector<double> ends(readers& all) {
  auto begun = clock_type::now();
  std::vector<double> result;
  read_until_over(all, [&] {
    std::chrono::duration<double, std::milli> took = clock_type::now() - begun;
    result.push_back(took.count());
  });
  return result;
}

} // namespace

int main(int argc, char** argv) {
  auto opts = read_options(argc, argv);
  if (!has_python(opts))
    return 0;
  scratch dir{opts.data};
  auto server = serve_whole(opts, dir.at("data"));
  std::vector<double> idle;
  std::vector<double> first;
  std::vector<double> last;
  for (int round = 0; round < opts.rounds(); ++round) {
    auto run = executing(server, "slow");
    auto all = join(server, run, opts.amount(500, 20));
    idle.push_back(
      idle_ms_per_s(server, std::chrono::milliseconds{opts.smoke ? 50 : 1000}));
    std::thread asker{[&] { ask(server.port, "POST " + run + "/cancel"); }};
    auto told = ends(all);
    asker.join();
    first.push_back(told.front());
    last.push_back(told.back());
  }
  report out{"fan_out"};
  put_median(out, "idle_cpu_ms_per_s", idle);
  put_median(out, "first_told_ms", first);
  put_median(out, "all_told_ms", last);
  out.print();
}
