// What C++ graphs cost, executed in the process of the server.
//
// Measured: whole runs of a graph of one trivial node, durable, 64 in flight
// through the in-process API (`async`, `exit`), against the same rows written
// through the port of the same store with nothing in front of it, in turns; a
// cancel of a node that watches its token, from the call to the terminal
// commit, against one durable commit; the events of a node to one SSE client
// and to 64 clients of one run. Everything is in one process: the clients' CPU
// counts, too. Not measured: what nodes do, several kinds of workers beside
// each other; runs that wait (cpp_waiting.cpp).

#include "bench/lib/disk.hpp"
#include "bench/lib/feed.hpp"
#include "bench/lib/follow.hpp"
#include "bench/lib/graph_rows.hpp"
#include "bench/lib/graph_server.hpp"
#include "bench/lib/medians.hpp"
#include "bench/lib/report.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

using namespace heddle;
using namespace heddle::bench;

namespace {

using clock_type = std::chrono::steady_clock;
using graph::node_context;
using graph::node_result;

constexpr std::size_t in_flight = 64;

double ms_since(clock_type::time_point begun) {
  return std::chrono::duration<double, std::milli>(clock_type::now() - begun)
    .count();
}

// -- graphs -------------------------------------------------------------------

node_result trivial(json_text, node_context&) {
  return json_text{R"({"log":"done"})"};
}

node_result watch(json_text, node_context& ctx) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock{mutex};
  stopped.wait(lock, ctx.stop_token(), [] { return false; });
  return {};
}

/// As many tokens as the input's text is long.
node_result talk(json_text state, node_context& ctx) {
  auto count = std::stoul(state.str().substr(state.str().find(':') + 1));
  for (std::size_t i = 0; i < count; ++i)
    ctx.write(json_text{R"("word")"});
  return {};
}

graph::compiled one_node(auto body) {
  graph::builder made;
  made.channel("log").channel("count");
  made.node("node", std::move(body)).entry("node").finish("node");
  return *made.compile();
}

std::map<std::string, graph::compiled> graphs() {
  std::map<std::string, graph::compiled> result;
  result.emplace("trivial", one_node(trivial));
  result.emplace("watch", one_node(watch));
  result.emplace("talk", one_node(talk));
  return result;
}

// -- runs ---------------------------------------------------------------------

/// Tells when the run that it follows is over.
class end_reader final : public run_reader {
public:
  explicit end_reader(std::function<void()> over) : over_(std::move(over)) {}
  void push(std::span<const event_ptr>) override {}
  void end(stream_end) override { over_(); }

private:
  std::function<void()> over_;
};

/// Keeps runs in flight until `count` are over, each on a thread of its own.
class run_feeder {
public:
  run_feeder(server& api, std::string durability,
             std::vector<thread_id> threads)
    : api_(api), threads_(std::move(threads)),
      what_(run_of("trivial", R"(,"input":{"log":"go"},"durability":")"
                                + durability + "\"")) {}

  measured run() {
    auto begun = clock_type::now();
    for (std::size_t i = 0; i < in_flight; ++i)
      next();
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return over_ == threads_.size(); });
    measured result;
    result.seconds = ms_since(begun) / 1000;
    result.us.assign(threads_.size(), 0);
    return result;
  }

private:
  void next() {
    auto at = begun_.fetch_add(1);
    if (at >= threads_.size())
      return;
    auto reader = std::make_shared<end_reader>([this] { one_over(); });
    api_.create_run(threads_[at], what_, reader, {},
                    [](const result<server::created_run>& made) {
                      if (made.has_error())
                        std::terminate();
                    });
  }

  void one_over() {
    next();
    std::lock_guard guard{mutex_};
    if (++over_ == threads_.size())
      changed_.notify_all();
  }

  server& api_;
  const std::vector<thread_id> threads_;
  const run_create what_;
  std::atomic<std::size_t> begun_{0};
  std::mutex mutex_; // Guards the count.
  std::condition_variable changed_;
  std::size_t over_ = 0;
};

// -- the same rows, through the port of the store ----------------------------

std::vector<thread_id> new_threads(store& rows, std::size_t count) {
  std::vector<thread_id> result;
  for (std::size_t i = 0; i < count; ++i)
    result.emplace_back(next_id());
  feed(rows, lane::normal, 64, count,
       [&, now = wall_time()](write_tx& tx, std::size_t i) {
         tx.insert_thread(thread_row(result[i], now));
       });
  return result;
}

std::vector<thread_id> new_threads(graph_server& to, std::size_t count) {
  std::vector<thread_id> result;
  for (std::size_t i = 0; i < count; ++i)
    result.push_back(to.make_thread());
  return result;
}

/// Checkpoints that a trivial run writes: of the input, the node, and its end.
constexpr std::pair<const char*, int> durabilities[]
  = {{"async", 3}, {"exit", 1}};

void measure_runs(report& out, graph_server& to, const scratch& dir,
                  const bench::options& opts) {
  auto count = opts.amount(4000, 80);
  auto rows = open_rows(dir.at("rows"));
  medians found{opts};
  for (auto [name, checkpoints] : durabilities)
    for (int round = 0; round < opts.rounds(); ++round) {
      auto ours = new_threads(to, count);
      found.measure(std::string{"run_"} + name, [&] {
        return run_feeder{to.api(), name, std::move(ours)}.run();
      });
      auto theirs = new_threads(*rows, count);
      found.measure(std::string{"store_"} + name, [&] {
        return write_run_rows(*rows, in_flight, checkpoints, std::move(theirs));
      });
    }
  rows->stop();
  found.write_to(out);
  for (auto [name, unused] : durabilities)
    found.put_ratio(out, std::string{name} + "_to_store",
                    std::string{"run_"} + name, std::string{"store_"} + name);
}

// -- cancel -------------------------------------------------------------------

run_id start_run(graph_server& to, const thread_id& thread,
                 const run_create& what) {
  return await<server::created_run>([&](auto done) {
           to.api().create_run(thread, what, nullptr, {}, std::move(done));
         })
    .run.id;
}

/// Milliseconds until the run's end is committed.
double cancel_one(graph_server& to) {
  auto thread = to.make_thread();
  auto run = start_run(to, thread, run_of("watch", R"(,"input":{})"));
  std::this_thread::sleep_for(std::chrono::milliseconds{20});
  auto begun = clock_type::now();
  await<cancel_receipt>([&](auto done) {
    to.api().cancel({cancel_by_ids{thread, {run}},
                     cancel_action::interrupt,
                     answer_after::effect,
                     {},
                     false,
                     false},
                    std::move(done));
  });
  return ms_since(begun);
}

double commit_one(store& rows) {
  thread_id thread{next_id()};
  auto begun = clock_type::now();
  await<bool>([&](auto done) {
    write(
      rows, lane::urgent,
      [thread, now = wall_time()](write_tx& tx) {
        tx.insert_thread(thread_row(thread, now));
        return true;
      },
      std::move(done));
  });
  return ms_since(begun);
}

void measure_cancel(report& out, graph_server& to, const scratch& dir,
                    const bench::options& opts) {
  auto rows = open_rows(dir.at("commits"));
  std::vector<double> cancels;
  std::vector<double> commits;
  for (std::size_t i = 0; i < opts.amount(200, 5); ++i) {
    commits.push_back(commit_one(*rows));
    cancels.push_back(cancel_one(to));
  }
  rows->stop();
  auto one = median(commits);
  auto stop = median(cancels);
  out.put("commit_p50_us", one * 1000);
  out.put("cancel_p50_us", stop * 1000);
  out.put("cancel_to_commit_p50_ratio", stop / one);
}

// -- tokens -------------------------------------------------------------------

std::size_t count_events(const std::string& text) {
  std::size_t found = 0;
  for (auto at = text.find("event: custom"); at != text.npos;
       at = text.find("event: custom", at + 1))
    ++found;
  return found;
}

std::string talk_body(std::size_t count) {
  return R"({"assistant_id":"talk","stream_mode":"custom","input":{"count":)"
         + std::to_string(count) + "}}";
}

double one_client(graph_server& to, std::size_t count) {
  auto thread = to.make_thread();
  auto begun = clock_type::now();
  bench::follower events{to.port(),
                         "POST /threads/" + thread.str() + "/runs/stream",
                         talk_body(count)};
  if (!events.until("\r\n0\r\n\r\n"))
    throw std::runtime_error{"the stream broke off"};
  auto took = ms_since(begun) / 1000;
  auto got = count_events(events.text());
  if (got != count)
    throw std::runtime_error{std::to_string(got) + " of "
                             + std::to_string(count) + " events"};
  return static_cast<double>(count) / took;
}

/// Frames per second of all together, of a run that they wait for.
double many_clients(graph_server& to, std::size_t clients, std::size_t count) {
  auto thread = to.make_thread();
  auto what = run_of("talk", R"(,"stream_mode":"custom","after_seconds":1,)"
                             R"("input":{"count":)"
                               + std::to_string(count) + "}");
  auto run = start_run(to, thread, what);
  bench::followers all;
  for (std::size_t i = 0; i < clients; ++i)
    all.push_back(std::make_unique<bench::follower>(
      to.port(),
      "GET /threads/" + thread.str() + "/runs/" + run.str() + "/stream"));
  all.front()->until("event: custom");
  auto begun = clock_type::now();
  bench::read_until_over(all);
  auto took = ms_since(begun) / 1000;
  for (const auto& one : all)
    if (count_events(one->text()) != count)
      throw std::runtime_error{"events were lost"};
  return static_cast<double>(clients * count) / took;
}

void measure_tokens(report& out, graph_server& to, const bench::options& opts) {
  std::vector<double> one;
  std::vector<double> many;
  for (int round = 0; round < opts.rounds(); ++round) {
    one.push_back(one_client(to, opts.amount(200'000, 500)));
    many.push_back(
      many_clients(to, opts.amount(64, 4), opts.amount(20'000, 100)));
  }
  put_median(out, "tokens_per_s", one);
  put_median(out, "frames_64_per_s", many);
}

} // namespace

int main(int argc, char** argv) {
  auto opts = read_options(argc, argv);
  scratch dir{opts.data};
  report out{"cpp_graphs"};
  auto wanted
    = [&](const char* name) { return opts.only.empty() || opts.only == name; };
  graph_server to{dir.at("data"), graphs(), 100};
  bench::options all = opts;
  all.only.clear();
  if (wanted("runs"))
    measure_runs(out, to, dir, all);
  if (wanted("cancel"))
    measure_cancel(out, to, dir, all);
  if (wanted("tokens"))
    measure_tokens(out, to, all);
  out.print();
}
