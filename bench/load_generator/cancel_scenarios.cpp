// Cancels of one run at a time: what must be told, and what must be over then.

#include "bench/load_generator/json.hpp"
#include "bench/load_generator/scenario.hpp"

#include <array>

namespace heddle::load {

namespace {

task<> deferred_run(client& c, item& what) {
  what.thread = c.uuid();
  what.run = co_await create_run(c, what.thread,
                                 run_body(*c.has.trivial, c.how, deferred));
}

task<> cancel_pending(client& c, item& what) {
  co_await c.main.ask("POST", run_path(what.thread, what.run) + "/cancel");
  expect(c, c.main.got(), {202}, "POST cancel of a pending run");
}

task<> is_interrupted(client& c, item& what) {
  co_await await_status(c, c.main, what.thread, what.run, "interrupted");
}

task<> cancel_running(client& c, item&) {
  auto thread = c.uuid();
  auto run = co_await start_slow(c, thread);
  auto begun = clock::now();
  c.begin_now();
  co_await c.aside.ask("POST", run_path(thread, run) + "/cancel");
  expect(c, c.aside.got(), {202}, "POST cancel of a running run");
  c.note("answered", begun);
  co_await read_to_end(c);
  c.note("stream ended", begun);
  co_await await_status(c, c.aside, thread, run, "interrupted");
  c.lap();
}

/// What the API shows of a thread's state, without what changes by itself.
task<json> state_of(client& c, const std::string& thread) {
  co_await c.aside.ask("GET", thread_path(thread) + "/state");
  expect(c, c.aside.got(), {200}, "GET state");
  auto state = parse(c.aside.got().body);
  if (!state.is_object() || !state.contains("values"))
    throw wrong{"GET state: no state"};
  json result;
  for (const auto* each : {"values", "next", "checkpoint"})
    if (state.contains(each))
      result[each] = state[each];
  co_return result;
}

task<> rollback(client& c, item&) {
  auto thread = c.uuid();
  co_await c.main.ask(
    "POST", thread_path(thread) + "/runs/wait",
    run_body(*c.has.trivial, c.how, R"(,"if_not_exists":"create")"));
  expect(c, c.main.got(), {200}, "POST runs/wait");
  auto before = co_await state_of(c, thread);
  auto run = co_await start_slow(c, thread);
  c.begin_now();
  co_await c.aside.ask("POST", run_path(thread, run)
                                 + "/cancel?action=rollback&wait=1");
  expect(c, c.aside.got(), {200}, "POST cancel with rollback and wait");
  c.lap();
  co_await read_to_end(c);
  co_await await_status(c, c.aside, thread, run, "");
  auto after = co_await state_of(c, thread);
  if (after != before)
    throw wrong{"a rollback left another state than there was before"};
}

constexpr std::array cancel_list{
  scenario{.name = "cancel-pending",
           .words = "POST cancel of a pending run",
           .open_loop = true,
           .needs_trivial = true,
           .prepare = deferred_run,
           .act = cancel_pending,
           .check = is_interrupted,
           .clear = leave},
  scenario{.name = "cancel-running",
           .words = "POST cancel of an executing run, until it is over",
           .needs_slow = true,
           .makes_its_own = true,
           .act = cancel_running},
  scenario{.name = "rollback",
           .words = "POST cancel with rollback of an executing run, with wait",
           .needs_trivial = true,
           .needs_slow = true,
           .makes_its_own = true,
           .act = rollback},
};

} // namespace

std::span<const scenario> cancel_scenarios() {
  return cancel_list;
}

task<std::string> start_slow(client& c, const std::string& thread) {
  std::string run;
  std::string failed;
  bool executes = false;
  c.main.events().on_event = [&](const event& what) {
    if (what.name == "metadata" && run.empty())
      run = field(what.data, "run_id");
    executes = executes || what.name == "values";
    if (what.name == "error")
      failed = "a run of the slow graph failed: " + std::string{what.data};
  };
  co_await c.main.open(
    "POST", thread_path(thread) + "/runs/stream",
    run_body(*c.has.slow, c.how,
             R"(,"if_not_exists":"create","stream_mode":"values")"));
  expect(c, c.main.got(), {200}, "POST runs/stream");
  if (!c.main.got().is_stream)
    throw wrong{"POST runs/stream: no stream: " + c.main.got().text()};
  while (!executes && failed.empty()) {
    auto goes_on = co_await c.main.more();
    if (!goes_on)
      throw wrong{"a run of the slow graph ended at once"};
  }
  c.main.events().on_event = nullptr;
  if (!failed.empty() || run.empty())
    throw wrong{failed.empty() ? "a stream had no metadata" : failed};
  co_return run;
}

} // namespace heddle::load
