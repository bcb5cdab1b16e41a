// How many threads and runs a server creates, each durable before it is
// answered, against the same server's route that does nothing and against the
// port of its store fed in process with the same writes.
//
// Measured: `POST /threads` with an empty body, and `POST /threads/{}/runs`
// with 0.8 KB on a thread that has no run yet, 64 connections, keep-alive,
// medians of rounds that take turns. The server has no free worker, so what is
// created stays pending. `store`: the same reads and writes, 64 waiting all the
// time on a store of this process, on the same disk.
// Not measured: stateless runs, runs that start at once (run_wait).

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

using threads = std::span<const thread_id>;

std::string run_body() {
  return R"({"assistant_id":"noop","input":{"messages":[{"role":"user",)"
         R"("content":")"
         + std::string(700, 'x') + R"("}]}})";
}

measured create_threads(const served& server, std::size_t count) {
  auto next = [left = count, text = request_text("POST /threads", "{}")](
                std::string& out) mutable {
    if (left == 0)
      return false;
    --left;
    out += text;
    return true;
  };
  return bench::run({server.port, 64, next, 200, {}}, *server.process);
}

measured create_runs(const served& server, threads on) {
  auto next
    = [at = on.begin(), on, body = run_body()](std::string& out) mutable {
        if (at == on.end())
          return false;
        out += request_text("POST /threads/" + at->str() + "/runs", body);
        ++at;
        return true;
      };
  return bench::run({server.port, 64, next, 200, {}}, *server.process);
}

measured insert_threads(store& rows, std::size_t count) {
  return feed(rows, lane::normal, 64, count, [](write_tx& tx, std::size_t) {
    auto thread = thread_row(thread_id{next_id()}, wall_time());
    thread.metadata = json_text{"{}"};
    tx.insert_thread(thread);
  });
}

measured insert_runs(store& rows, threads on) {
  return feed(
    rows, lane::normal, 64, on.size(), [on](write_tx& tx, std::size_t i) {
      auto run = run_row_of({on[i], run_id{next_id()}}, wall_time());
      tx.assistant(run.assistant);
      auto thread = tx.thread_without_state(on[i]);
      tx.update_thread(on[i],
                       json_text{R"({"graph_id":"noop","assistant_id":")"
                                 + run.assistant.str() + R"("})"},
                       thread->config, run.created);
      tx.insert_run(run);
      tx.run(on[i], run.id);
      tx.live_rows(on[i], 2);
    });
}

} // namespace

int main(int argc, char** argv) {
  auto opts = read_options(argc, argv);
  scratch dir{opts.data};
  const auto count = opts.amount(10'000, 300);
  auto total = count * static_cast<std::size_t>(opts.rounds());
  auto served_threads = fill_threads(dir.at("served"), total);
  auto fed_threads = fill_threads(dir.at("fed"), total);
  auto server = serve_in_child(dir.at("served"));
  auto rows = open_rows(dir.at("fed"));

  medians found{opts};
  for (int round = 0; round < opts.rounds(); ++round) {
    auto at = static_cast<std::size_t>(round) * count;
    found.measure("bare", [&] { return ask_nothing(server, opts); });
    found.measure("store_thread", [&] { return insert_threads(*rows, count); });
    found.measure("thread", [&] { return create_threads(server, count); });
    found.measure("store_run", [&] {
      return insert_runs(*rows, threads{fed_threads}.subspan(at, count));
    });
    found.measure("run", [&] {
      return create_runs(server, threads{served_threads}.subspan(at, count));
    });
  }
  report out{"create"};
  found.write_to(out);
  found.put_ratio(out, "thread_to_bare", "thread", "bare");
  found.put_ratio(out, "thread_to_store", "thread", "store_thread");
  found.put_ratio(out, "run_to_bare", "run", "bare");
  found.put_ratio(out, "run_to_store", "run", "store_run");
  found.put_cpu_ratio(out, "thread", "thread", "bare");
  found.put_cpu_ratio(out, "run", "run", "bare");
  out.print();
}
