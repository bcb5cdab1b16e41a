// How many cancels that match nothing a program gets answered by a server in
// it, against the same through HTTP.
//
// Measured: 64 under way at a time on a thread that is at work (someone follows
// one of its runs) but has no such run. In process: each callback asks for the
// next, so all of it is on the one OS thread of the server; CPU is that of this
// process. HTTP: 64 connections, keep-alive; CPU is that of the server's
// process. Ratios are of CPU per cancel: what one core does. Rounds take turns.
// Not measured: handing over from other OS threads.

#include "bench/lib/child.hpp"
#include "bench/lib/disk.hpp"
#include "bench/lib/feed.hpp"
#include "bench/lib/follow.hpp"
#include "bench/lib/medians.hpp"
#include "bench/lib/options.hpp"
#include "bench/lib/report.hpp"
#include "heddle/open.hpp"

#include <algorithm>
#include <atomic>
#include <ctime>
#include <future>
#include <mutex>
#include <stdexcept>

using namespace heddle;
using namespace heddle::bench;

namespace {

using steady = std::chrono::steady_clock;

constexpr std::size_t at_once = 64;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec)
         + static_cast<double>(now.tv_nsec) / 1e9;
}

class idle_reader final : public run_reader {
public:
  void push(std::span<const event_ptr>) override {}
  void end(stream_end) override {}
};

/// A server with a thread that is at work.
struct in_process {
  explicit in_process(const std::string& data) {
    auto runs = fill(data, 1, 1);
    thread = runs.front().thread;
    open_options what;
    what.data = data;
    what.unserved = {"noop"};
    what.io_threads = 1;
    srv = open(std::move(what)).value();
    srv
      ->follow_run(thread, runs.front().run, std::make_shared<idle_reader>(),
                   {})
      .get(std::chrono::seconds{10})
      .value();
  }

  std::unique_ptr<server> srv;
  thread_id thread;
};

/// Cancels for a while, the next as soon as one is answered.
class canceller {
public:
  canceller(in_process& on, std::chrono::milliseconds time)
    : on_(on), until_(steady::now() + time) {
    what_.what = cancel_by_ids{on.thread, {run_id{next_id()}}};
  }

  measured run() {
    auto cpu = cpu_seconds();
    auto begun = steady::now();
    left_ = at_once;
    for (std::size_t i = 0; i < at_once; ++i)
      next();
    over_.get_future().wait();
    std::chrono::duration<double> took = steady::now() - begun;
    took_.seconds = took.count();
    took_.cpu_us
      = (cpu_seconds() - cpu) * 1e6 / static_cast<double>(took_.us.size());
    std::sort(took_.us.begin(), took_.us.end());
    return std::move(took_);
  }

private:
  void next() {
    auto begun = steady::now();
    on_.srv->cancel(what_, [this, begun](const result<cancel_receipt>& got) {
      if (got || got.error().code != errc::not_found)
        throw std::runtime_error{"a cancel of nothing met something"};
      answered(begun);
    });
  }

  // The server has one OS thread, and the first ones are asked before it
  // answers or while it does: what they share needs a lock only there.
  void answered(steady::time_point begun) {
    auto now = steady::now();
    {
      std::lock_guard guard{mutex_};
      took_.us.push_back(
        std::chrono::duration<float, std::micro>(now - begun).count());
    }
    if (now < until_)
      return next();
    if (left_.fetch_sub(1) == 1)
      over_.set_value();
  }

  in_process& on_;
  const steady::time_point until_;
  cancel_request what_;
  std::mutex mutex_;
  measured took_;
  std::atomic<std::size_t> left_ = 0;
  std::promise<void> over_;
};

/// The same cancel as a request.
auto requests(const thread_id& thread, std::chrono::milliseconds time) {
  return repeat(request_text("POST /threads/" + thread.str() + "/runs/"
                             + run_id{next_id()}.str() + "/cancel"),
                time);
}

} // namespace

int main(int argc, char** argv) {
  auto opts = read_options(argc, argv);
  scratch dir{opts.data};
  auto runs = fill(dir.at("http"), 1, 1);
  auto server = serve_in_child(dir.at("http"));
  auto thread = runs.front().thread;
  bench::follower reader{server.port, "GET /threads/" + thread.str() + "/runs/"
                                        + runs.front().run.str() + "/stream"};
  in_process own{dir.at("own")};
  std::chrono::milliseconds time{opts.smoke ? 30 : 400};

  medians found{opts};
  for (int round = 0; round < opts.rounds(); ++round) {
    found.measure("own", [&] { return canceller{own, time}.run(); });
    found.measure("http", [&] {
      return bench::run({server.port, at_once, requests(thread, time), 404, {}},
                        *server.process);
    });
  }
  report out{"cancel_in_process"};
  found.write_to(out);
  found.put_ratio(out, "own_to_http", "own", "http");
  found.put_cpu_ratio(out, "http", "http", "own");
  out.print();
}
