// Runs of C++ graphs, as a program that has the server in it sees them.

#include "heddle/actors.hpp"
#include "heddle/events.hpp"
#include "tests/catch.hpp"
#include "tests/embed/counting.hpp"
#include "tests/embed/ear.hpp"
#include "tests/embed/graphs.hpp"

#include <caf/scoped_actor.hpp>

#include <algorithm>
#include <memory>

using namespace heddle;
using namespace heddle::test;
using namespace std::chrono_literals;

namespace {

run_status status_of(server& srv, const run_record& run) {
  auto now = srv.get_run(run.thread, run.id).get(wait_max);
  REQUIRE(ok(now));
  return now->status;
}

thread_id new_thread(server& srv) {
  return srv.create_thread({}).get(wait_max).value().id;
}

} // namespace

TEST_CASE("events are pulled in order, to the end", "[embed][events]") {
  auto srv = opened_with_graphs();
  events news{*srv, new_thread(*srv), streamed("talks")};
  int next = 0;
  for (const auto& event : news) {
    if (event.name != "custom")
      continue;
    auto start = R"({"no":)" + std::to_string(next++) + ",";
    CHECK_THAT(event.data.str(), StartsWith(start));
  }
  CHECK(next == talks_events);
  CHECK(news.ended().value().why == end_reason::over);
  CHECK(status_of(*srv, *news.run()) == run_status::success);
}

TEST_CASE("who does not read is let go of, and the run goes on",
          "[embed][events]") {
  auto srv = opened_with_graphs();
  auto thread = new_thread(*srv);
  read_options how;
  how.unread_bytes_max = 20'000;
  events slow{*srv, thread, streamed("talks"), how};
  auto run = slow.run();
  REQUIRE(ok(run));
  events other{*srv, thread, run->id};
  while (other.next()) {} // Until the run is over.
  CHECK(status_of(*srv, *run) == run_status::success);
  int seen = 0;
  while (slow.next())
    ++seen;
  CHECK(seen > 0);
  CHECK(seen < talks_events);
  CHECK(slow.ended().value().why == end_reason::overrun);
}

TEST_CASE("a run that executes is cancelled in process", "[embed]") {
  auto srv = opened_with_graphs();
  events news{*srv, new_thread(*srv), streamed("rests")};
  while (auto event = news.next())
    if (event->name == "custom")
      break;
  auto run = news.run();
  REQUIRE(ok(run));
  cancel_request stop;
  stop.what = cancel_by_ids{run->thread, {run->id}};
  stop.after = answer_after::effect;
  REQUIRE(ok(srv->cancel(stop).get(wait_max)));
  CHECK(status_of(*srv, *run) == run_status::interrupted);
  while (news.next()) {}
  CHECK(news.ended().value().why == end_reason::over);
}

TEST_CASE("a subscriber hears all events of a run, and its end",
          "[embed][caf]") {
  auto srv = opened_with_graphs();
  caf::scoped_actor self{actor_system_of(*srv)};
  auto all = server_actor(*srv);
  auto thread = new_thread(*srv);
  // It waits behind another, so that nothing is emitted before who subscribes.
  events first{*srv, thread, streamed("rests")};
  REQUIRE(ok(first.run()));
  msg::created_run made;
  self->request(all, wait_max, msg::create_run{thread, streamed("talks")})
    .receive([&](msg::created_run& got) { made = std::move(got); },
             [](const caf::error&) { FAIL("no run"); });
  auto told = std::make_shared<heard>();
  msg::subscribe follow;
  follow.to = self->system().spawn(ear, told);
  self->monitor(made.handle);
  self->request(made.handle, wait_max, follow)
    .receive([](msg::done) {}, [](const caf::error&) { FAIL("no place"); });
  cancel_request stop;
  stop.what = cancel_by_ids{thread, {first.run()->id}};
  REQUIRE(ok(srv->cancel(stop).get(wait_max)));
  self->receive([](const caf::down_msg& down) {
    CHECK(run_outcome(down.reason) == run_status::success);
  });
  auto last = told->last.get_future().get();
  CHECK(last.why == end_reason::over);
  CHECK(last.status == run_status::success);
  CHECK(std::ranges::count(told->events, "custom",
                           [](const event_ptr& e) { return e->name; })
        == talks_events);
}

TEST_CASE("servers that execute begin and end without a trace", "[embed]") {
  leaves_nothing(5, 50, [] {
    auto srv = opened_with_graphs();
    events news{*srv, new_thread(*srv), streamed("rests")};
    while (auto event = news.next())
      if (event->name == "custom")
        break;
  });
}
