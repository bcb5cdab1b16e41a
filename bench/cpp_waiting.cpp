// Whether a hundred thousand runs of a C++ graph can wait at once.
//
// Measured: private memory of the process for each of 100 000 runs that wait in
// a coroutine, durable, executing, nobody watching; the time from their cancel
// by status until its answer, and until the last one is over.
// Not measured: what their nodes keep, readers.

#include "bench/lib/disk.hpp"
#include "bench/lib/feed.hpp"
#include "bench/lib/graph_server.hpp"
#include "bench/lib/options.hpp"
#include "bench/lib/report.hpp"

#include "heddle/task.hpp"

#include <atomic>
#include <chrono>
#include <fstream>
#include <string>
#include <thread>

using namespace heddle;
using namespace heddle::bench;

namespace {

using clock_type = std::chrono::steady_clock;
using graph::node_context;
using graph::node_result;

double ms_since(clock_type::time_point begun) {
  return std::chrono::duration<double, std::milli>(clock_type::now() - begun)
    .count();
}

task<node_result> wait_long(json_text, node_context&) {
  co_await delay(std::chrono::hours{1});
  co_return json_text{};
}

std::map<std::string, graph::compiled> graphs() {
  graph::builder made;
  made.channel("log").node("node", wait_long).entry("node").finish("node");
  return {{"wait", *made.compile()}};
}

double rss_kib() {
  std::ifstream in{"/proc/self/status"};
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("RssAnon:"))
      return std::stod(line.substr(8));
  return 0;
}

void start_waiting(graph_server& to, std::size_t count) {
  auto what = run_of("wait", R"(,"input":{},"if_not_exists":"create")");
  std::atomic<std::size_t> made{0};
  std::atomic<std::size_t> under_way{0};
  for (std::size_t i = 0; i < count; ++i) {
    while (under_way.load() >= 256)
      std::this_thread::yield();
    ++under_way;
    to.api().create_run(thread_id{next_id()}, what, nullptr, {},
                        [&](const result<server::created_run>& got) {
                          if (got.has_error())
                            std::terminate();
                          ++made;
                          --under_way;
                        });
  }
  while (made.load() < count)
    std::this_thread::yield();
}

std::size_t still_running(graph_server& to) {
  return await<metrics_snapshot>(
           [&](auto done) { to.api().metrics(std::move(done)); })
    .running;
}

void measure_waiting(report& out, const scratch& dir,
                     const bench::options& opts) {
  auto count = opts.amount(100'000, 200);
  graph_server to{dir.at("data"), graphs(), count};
  start_waiting(to, 100); // What is there once.
  auto before = rss_kib();
  start_waiting(to, count - 100);
  std::this_thread::sleep_for(std::chrono::seconds{opts.smoke ? 0 : 5});
  out.put("waiting_bytes_each",
          (rss_kib() - before) * 1024 / static_cast<double>(count - 100));
  out.put("waiting_runs", static_cast<double>(still_running(to)));
  auto begun = clock_type::now();
  await<cancel_receipt>([&](auto done) {
    to.api().cancel({cancel_by_status{false, true},
                     cancel_action::interrupt,
                     answer_after::intent,
                     {},
                     false,
                     false},
                    std::move(done));
  });
  out.put("waiting_answered_ms", ms_since(begun));
  while (still_running(to) > 0)
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  out.put("waiting_over_ms", ms_since(begun));
}

} // namespace

int main(int argc, char** argv) {
  auto opts = read_options(argc, argv);
  scratch dir{opts.data};
  report out{"cpp_waiting"};
  measure_waiting(out, dir, opts);
  out.print();
}
