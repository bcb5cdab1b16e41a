// What is executed: to its end, waited for, streamed.

#include "bench/load_generator/json.hpp"
#include "bench/load_generator/scenario.hpp"

#include <array>

namespace heddle::load {

namespace {

constexpr std::string_view with_thread = R"(,"if_not_exists":"create")";

/// The answer of a wait or join: the state at the end of the trivial graph.
void expect_result(client& c, std::string_view what) {
  const auto& got = c.main.got();
  expect(c, got, {200}, what);
  // Some servers send blanks while nothing else is to be said.
  auto begin = got.body.find_first_not_of(" \r\n");
  if (begin == std::string::npos || got.body[begin] != '{'
      || got.body.find("\"__error__\"") != std::string::npos
      || got.body.find(c.has.trivial->expects) == std::string::npos)
    throw wrong{std::string{what} + ": not the result: " + got.text()};
}

task<> expect_success(client& c, const std::string& thread,
                      const std::string& run) {
  auto status = co_await status_of(c, c.main, thread, run);
  if (status != "success")
    throw wrong{"a run that was joined is " + status};
}

task<> run_to_end(client& c, item&) {
  auto thread = c.uuid();
  auto run = co_await create_run(c, thread,
                                 run_body(*c.has.trivial, c.how, with_thread));
  co_await c.main.ask("GET", run_path(thread, run) + "/join");
  expect_result(c, "GET join");
  c.lap();
  co_await expect_success(c, thread, run);
}

task<> wait(client& c, item& what) {
  what.thread = c.uuid();
  co_await c.main.ask("POST", thread_path(what.thread) + "/runs/wait",
                      run_body(*c.has.trivial, c.how, with_thread));
  expect_result(c, "POST runs/wait");
}

task<> has_succeeded(client& c, item& what) {
  co_await c.main.ask("GET", thread_path(what.thread) + "/runs");
  expect(c, c.main.got(), {200}, "GET runs");
  if (field(c.main.got().body, "status") != "success")
    throw wrong{"a run that was waited for is no success"};
}

task<> stream_tokens(client& c, item&) {
  const auto& graph = *c.has.tokens;
  auto thread = c.uuid();
  token_check told{graph.style, c.how.tokens};
  auto begun = clock::now();
  c.main.events().on_event = [&](const event& what) {
    if (told.count() == 0 && what.name != "metadata" && what.name != "values")
      c.note("first token", begun);
    told.take(what);
  };
  std::string more{with_thread};
  more += stream_mode(graph.style);
  co_await c.main.open("POST", thread_path(thread) + "/runs/stream",
                       run_body(graph, c.how, more));
  expect(c, c.main.got(), {200}, "POST runs/stream");
  co_await read_to_end(c);
  c.lap();
  c.out.units += told.count();
  told.finish();
  co_await expect_success(c, thread, told.run());
}

constexpr std::array run_list{
  scenario{.name = "run-to-end",
           .words = "POST runs of a trivial graph, then GET join",
           .open_loop = true,
           .needs_trivial = true,
           .act = run_to_end},
  scenario{.name = "wait",
           .words = "POST runs/wait of a trivial graph",
           .open_loop = true,
           .needs_trivial = true,
           .act = wait,
           .check = has_succeeded},
  scenario{.name = "stream-tokens",
           .words = "POST runs/stream, to the end of the stream",
           .open_loop = true,
           .needs_tokens = true,
           .unit = "events",
           .act = stream_tokens},
};

} // namespace

std::span<const scenario> run_scenarios() {
  return run_list;
}

task<> read_to_end(client& c) {
  if (!c.main.got().is_stream)
    throw wrong{"an answer is no stream: " + c.main.got().text()};
  for (bool goes_on = true; goes_on;)
    goes_on = co_await c.main.more(); // The events go to the client.
  if (c.main.events().is_within())
    throw wrong{"a stream ended within an event"};
}

} // namespace heddle::load
