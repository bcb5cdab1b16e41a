// What many clients do with one run at once.

#include "bench/load_generator/everyone.hpp"
#include "bench/load_generator/json.hpp"

#include <array>

namespace heddle::load {

namespace {

constexpr std::string_view from_the_start = "last-event-id: -1\r\n";

/// One of many cancels of the same run. The late ones find it over.
task<> strike(client& c, const std::string& path, std::size_t& accepted) {
  c.begin(clock::now());
  co_await c.aside.ask("POST", path);
  expect(c, c.aside.got(), {202, 404}, "POST cancel, one of many");
  c.lap();
  ++c.out.done;
  accepted += c.aside.got().status == 202 ? 1U : 0U;
}

task<> storm(crowd& all) {
  auto& c = all.first();
  auto thread = c.uuid();
  auto run = co_await start_slow(c, thread);
  auto path = run_path(thread, run) + "/cancel";
  std::size_t accepted = 0;
  auto begun = clock::now();
  co_await everyone(
    all, [&](client& by, std::size_t) { return strike(by, path, accepted); });
  if (accepted == 0)
    throw wrong{"a storm of cancels: none was accepted"};
  co_await read_to_end(c);
  c.note("stream ended", begun);
  co_await await_status(c, c.aside, thread, run, "interrupted");
  c.note("over", begun);
}

/// Reads all of a run's events, from the first one.
task<> follow(client& c, const std::string& path, clock::time_point begun) {
  token_check told{c.has.tokens->style, c.how.tokens};
  c.begin(begun);
  c.main.events().on_event = [&](const event& what) {
    if (told.run().empty())
      c.note("first event", begun);
    told.take(what);
  };
  co_await c.main.open("GET", path, {}, from_the_start);
  expect(c, c.main.got(), {200}, "GET stream");
  co_await read_to_end(c);
  c.lap();
  c.out.units += told.count();
  told.finish();
  ++c.out.done;
}

task<> fan_out(crowd& all) {
  auto& c = all.first();
  auto thread = c.uuid();
  std::string more = R"(,"if_not_exists":"create","stream_resumable":true)";
  more += stream_mode(c.has.tokens->style);
  auto run
    = co_await create_run(c, thread, run_body(*c.has.tokens, c.how, more));
  auto begun = clock::now();
  auto path = run_path(thread, run) + "/stream";
  co_await everyone(
    all, [&](client& by, std::size_t) { return follow(by, path, begun); });
  auto status = co_await status_of(c, c.main, thread, run);
  if (status != "success")
    throw wrong{"a run whose stream has ended is no success"};
}

/// What the readers of a run know of its end.
struct quiet {
  std::string path;
  bool cancelled = false;
  clock::time_point at{};
  std::size_t open = 0;
};

task<> doze(client& c, quiet& run) {
  c.main.events().on_event = nullptr;
  co_await c.main.open("GET", run.path + "/stream");
  expect(c, c.main.got(), {200}, "GET stream");
  c.main.be_patient();
  ++run.open;
  co_await read_to_end(c);
  if (!run.cancelled)
    throw wrong{"an idle stream ended by itself"};
  c.begin(run.at);
  c.lap();
  ++c.out.done;
}

/// From its end on nobody waits for ever, however that came.
struct patience_ends {
  ~patience_ends() {
    for (auto& each : all.clients)
      each->main.be_patient(false);
  }
  crowd& all;
};

/// Asks other things while nothing happens in the streams, then cancels.
task<> disturb(crowd& all, quiet& run) {
  patience_ends after{all};
  auto& c = all.first();
  auto readers = all.clients.size() - 1;
  auto until = clock::now() + c.how.timeout;
  while (run.open < readers && clock::now() < until)
    co_await rest(c, std::chrono::milliseconds{1});
  until
    = clock::now() + std::chrono::duration_cast<clock::duration>(c.how.time);
  while (clock::now() < until) {
    co_await rest(c, std::chrono::milliseconds{5});
    auto begun = clock::now();
    co_await c.aside.ask("GET", "/ok");
    expect(c, c.aside.got(), {200}, "GET /ok");
    c.note("ping beside them", begun);
  }
  run.at = clock::now();
  run.cancelled = true;
  co_await c.aside.ask("POST", run.path + "/cancel");
  expect(c, c.aside.got(), {202}, "POST cancel of a pending run");
}

task<> idle(crowd& all) {
  auto& c = all.first();
  auto thread = c.uuid();
  auto id
    = co_await create_run(c, thread, run_body(*c.has.trivial, c.how, deferred));
  quiet run{run_path(thread, id)};
  co_await everyone(all, [&](client& by, std::size_t i) {
    return i == 0 ? disturb(all, run) : doze(by, run);
  });
}

constexpr std::array crowd_list{
  scenario{.name = "cancel-storm",
           .words = "POST cancel of one executing run, by all clients at once",
           .needs_slow = true,
           .makes_its_own = true,
           .together = storm},
  scenario{.name = "join-fan-out",
           .words = "GET stream of one run, by all clients, every event",
           .needs_tokens = true,
           .unit = "events",
           .together = fan_out},
  scenario{.name = "idle-streams",
           .words = "open streams of a run that waits; then it is cancelled, "
                    "until each is told",
           .needs_trivial = true,
           .makes_its_own = true,
           .together = idle},
};

} // namespace

std::span<const scenario> crowd_scenarios() {
  return crowd_list;
}

} // namespace heddle::load
