// What a crash costs.
//
// Measured: `kill -9` of the program while it executes 10 runs (of a Python
// graph that waits) and has 10 000 more queued; from the start of the next one
// on the same directory until it answers `GET /ok`, and until all runs that
// were interrupted execute again (by `GET` of each: its worker has loaded the
// graphs and was given it once more). Not measured: a power cut.

#include "bench/lib/disk.hpp"
#include "bench/lib/feed.hpp"
#include "bench/lib/medians.hpp"
#include "bench/lib/report.hpp"
#include "bench/lib/whole_server.hpp"

#include <chrono>
#include <future>
#include <stdexcept>
#include <string>
#include <vector>

using namespace heddle;
using namespace heddle::bench;

namespace {

using clock_type = std::chrono::steady_clock;
constexpr std::size_t at_once = 10;

double ms_since(clock_type::time_point begun) {
  return std::chrono::duration<double, std::milli>(clock_type::now() - begun)
    .count();
}

/// Runs that wait, and that come before all others. @returns their paths.
std::vector<std::string> add_first(const std::string& dir) {
  auto rows = open_rows(dir);
  std::vector<std::string> paths;
  std::vector<place> places;
  for (std::size_t i = 0; i < at_once; ++i) {
    auto at = places.emplace_back(thread_id{next_id()}, run_id{next_id()});
    paths.push_back("/threads/" + at.thread.str() + "/runs/" + at.run.str());
  }
  feed(*rows, lane::normal, 1, at_once, [&](write_tx& tx, std::size_t i) {
    tx.insert_thread(thread_row(places[i].thread, wall_time()));
    auto run = run_row_of(places[i], timestamp{});
    run.assistant = assistant_id{graph_uuid("slow")};
    run.graph = "slow";
    run.kwargs = json_text{R"({"input":{"secs":600},"config":{}})"};
    tx.insert_run(run);
  });
  rows->stop();
  return paths;
}

void wait_until_running(const served& server,
                        const std::vector<std::string>& paths) {
  std::promise<void> never;
  auto pause = never.get_future();
  for (const auto& path : paths)
    for (;;) {
      auto status = json_field(ask(server.port, "GET " + path), "status");
      if (status == "running")
        break;
      if (status != "pending")
        throw std::runtime_error{path + " is " + status};
      pause.wait_for(std::chrono::milliseconds{5});
    }
}

served start(const options& opts, const std::string& data) {
  return serve_listening(
    opts, data,
    {"--workers", "2", "--jobs-per-worker", std::to_string(at_once / 2)});
}

} // namespace

int main(int argc, char** argv) {
  auto opts = read_options(argc, argv);
  if (!has_python(opts))
    return 0;
  std::vector<double> serving;
  std::vector<double> executing;
  for (int round = 0; round < opts.rounds(); ++round) {
    scratch dir{opts.data}; // Runs that met a kill are not retried for ever.
    auto data = dir.at("data");
    auto first = add_first(data);
    fill(data, opts.amount(10'000, 50), 1);
    wait_until_running(start(opts, data), first); // And then it is killed.
    auto begun = clock_type::now();
    auto server = start(opts, data);
    ask(server.port, "GET /ok");
    serving.push_back(ms_since(begun));
    wait_until_running(server, first);
    executing.push_back(ms_since(begun));
  }
  report out{"restart"};
  put_median(out, "serving_ms", serving);
  put_median(out, "executing_ms", executing);
  out.print();
}
