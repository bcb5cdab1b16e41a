// Cancels of many runs with one request.

#include "bench/load_generator/everyone.hpp"
#include "bench/load_generator/scenario.hpp"

#include <algorithm>
#include <array>

namespace heddle::load {

namespace {

task<> add_deferred(client& c, item& what) {
  auto body = run_body(*c.has.trivial, c.how, deferred);
  if (what.thread.empty())
    what.thread = c.uuid();
  for (std::size_t i = 0; i < c.how.bulk; ++i) {
    auto run = co_await create_run(c, what.thread, body);
    what.runs.push_back(std::move(run));
  }
}

task<> by_ids(client& c, item& what) {
  std::string body = R"({"thread_id":")" + what.thread + R"(","run_ids":[)";
  for (const auto& each : what.runs)
    body.append(&each == &what.runs.front() ? "\"" : ",\"")
      .append(each)
      .append("\"");
  co_await c.main.ask("POST", "/runs/cancel", body + "]}");
  expect(c, c.main.got(), {204}, "POST /runs/cancel by ids");
  c.lap();
  c.out.units += what.runs.size();
}

/// The first, the last and those between in equal steps.
task<> are_interrupted(client& c, item& what) {
  constexpr std::size_t looked_at = 10;
  if (what.runs.empty())
    co_return; // None could be made, which was counted.
  auto step = std::max<std::size_t>(1, what.runs.size() / looked_at);
  for (std::size_t i = 0; i < what.runs.size(); i += step)
    co_await await_status(c, c.main, what.thread, what.runs[i], "interrupted");
  co_await await_status(c, c.main, what.thread, what.runs.back(),
                        "interrupted");
}

task<> cancel_all(client& c, item& what) {
  if (!what.runs.empty())
    co_await by_ids(c, what);
}

task<> by_status(crowd& all) {
  std::vector<item> made(all.clients.size());
  co_await everyone(
    all, [&](client& c, std::size_t i) { return add_deferred(c, made[i]); });
  auto& c = all.first();
  auto begun = clock::now();
  c.begin(begun);
  co_await c.main.ask("POST", "/runs/cancel", R"({"status":"pending"})");
  expect(c, c.main.got(), {204}, "POST /runs/cancel by status");
  c.lap();
  co_await everyone(all, [&](client& by, std::size_t i) {
    return are_interrupted(by, made[i]);
  });
  c.note("all interrupted", begun);
  ++all.out.done;
  for (const auto& each : made)
    all.out.units += each.runs.size();
}

constexpr std::array bulk_list{
  scenario{.name = "bulk-by-ids",
           .words = "POST /runs/cancel with the ids of a thread's pending runs",
           .needs_trivial = true,
           .unit = "runs",
           .prepare = add_deferred,
           .act = by_ids,
           .check = are_interrupted,
           .clear = cancel_all},
  scenario{.name = "bulk-by-status",
           .words = "POST /runs/cancel of every pending run of the server",
           .needs_trivial = true,
           .makes_its_own = true,
           .unit = "runs",
           .together = by_status},
};

} // namespace

std::span<const scenario> bulk_scenarios() {
  return bulk_list;
}

} // namespace heddle::load
