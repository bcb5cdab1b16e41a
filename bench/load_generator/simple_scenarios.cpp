// What needs no worker: threads and runs are made and read.

#include "bench/load_generator/json.hpp"
#include "bench/load_generator/scenario.hpp"

#include <array>

namespace heddle::load {

namespace {

task<> thread_only(client& c, item& what) {
  what.thread = c.uuid();
  co_await create_thread(c, what.thread);
}

task<> thread_with_run(client& c, item& what) {
  what.thread = c.uuid();
  what.run = co_await create_run(c, what.thread,
                                 run_body(*c.has.trivial, c.how, deferred));
}

task<> get_thread(client& c, item& what) {
  co_await c.main.ask("GET", thread_path(what.thread));
  expect(c, c.main.got(), {200}, "GET thread");
  if (!has_field(c.main.got().body, "thread_id", what.thread))
    throw wrong{"GET thread: not that thread"};
}

task<> get_run(client& c, item& what) {
  co_await c.main.ask("GET", run_path(what.thread, what.run));
  expect(c, c.main.got(), {200}, "GET run");
  const auto& text = c.main.got().body;
  if (!has_field(text, "run_id", what.run)
      || !has_field(text, "thread_id", what.thread))
    throw wrong{"GET run: not that run"};
}

task<> create_deferred(client& c, item& what) {
  what.run = co_await create_run(c, what.thread,
                                 run_body(*c.has.trivial, c.how, deferred));
  if (!has_field(c.main.got().body, "status", "pending"))
    throw wrong{"POST runs: a run for later is not pending"};
}

task<> is_pending(client& c, item& what) {
  auto status = co_await status_of(c, c.main, what.thread, what.run);
  if (status != "pending")
    throw wrong{"a created run is not there"};
  co_await leave(c, what);
}

task<> list_runs(client& c, item& what) {
  co_await c.main.ask("GET", thread_path(what.thread) + "/runs");
  expect(c, c.main.got(), {200}, "GET runs");
  const auto& text = c.main.got().body;
  if (!text.starts_with('[') || field(text, "run_id") != what.run)
    throw wrong{"GET runs: not the run of the thread"};
}

task<> search_threads(client& c, item&) {
  co_await c.main.ask("POST", "/threads/search", "{}");
  expect(c, c.main.got(), {200}, "POST /threads/search");
  const auto& text = c.main.got().body;
  if (!text.starts_with('[') || field(text, "thread_id").empty())
    throw wrong{"POST /threads/search: no threads"};
}

task<> ping(client& c, item&) {
  co_await c.main.ask("GET", "/ok");
  expect(c, c.main.got(), {200}, "GET /ok");
  if (c.main.got().body.find("\"ok\"") == std::string::npos)
    throw wrong{"GET /ok: " + c.main.got().text()};
}

constexpr std::size_t some = 64;

constexpr std::array simple_list{
  scenario{.name = "ping",
           .words = "GET /ok: the least that the server does",
           .open_loop = true,
           .act = ping},
  scenario{.name = "create-thread",
           .words = "POST /threads",
           .open_loop = true,
           .act = thread_only,
           .check = get_thread},
  scenario{.name = "get-run",
           .words = "GET a pending run",
           .open_loop = true,
           .needs_trivial = true,
           .prepare = thread_with_run,
           .kept = some,
           .act = get_run,
           .clear = leave},
  scenario{.name = "create-run",
           .words = "POST runs for later, on a thread without any",
           .open_loop = true,
           .needs_trivial = true,
           .prepare = thread_only,
           .act = create_deferred,
           .check = is_pending},
  scenario{.name = "list-runs",
           .words = "GET runs of a thread, first page",
           .open_loop = true,
           .needs_trivial = true,
           .prepare = thread_with_run,
           .kept = some,
           .act = list_runs,
           .clear = leave},
  scenario{.name = "search-threads",
           .words = "POST /threads/search, the default: first page",
           .open_loop = true,
           .prepare = thread_only,
           .kept = 1,
           .act = search_threads},
};

} // namespace

std::span<const scenario> simple_scenarios() {
  return simple_list;
}

task<> leave(client& c, item& what) {
  if (!what.run.empty())
    co_await c.main.ask("POST", run_path(what.thread, what.run) + "/cancel");
}

} // namespace heddle::load
