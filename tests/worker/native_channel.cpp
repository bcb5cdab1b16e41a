#include "tests/worker/native_graphs.hpp"

#include <algorithm>

// The executor of C++ graphs behind the worker's port: what the server may rely
// on, whatever a node does.

using namespace heddle;
using namespace heddle::worker;
using namespace std::chrono_literals;
using test::native_world;

namespace {

const cancel interrupt{stop_action::interrupt, "why", 5s};

std::ptrdiff_t place_of(const std::vector<std::string>& all, const char* name) {
  return std::ranges::find(all, name) - all.begin();
}

/// One thread for nodes, none to replace it.
struct one_thread : native_world {
  one_thread() : native_world({1, 0}) {}
};

struct little_credit : native_world {
  little_credit() : native_world({2, 2}, 10'000) { gives_credit = false; }
};

} // namespace

TEST_CASE_METHOD(native_world, "a C++ graph runs as a process would",
                 "[worker][native]") {
  auto hello = seen.first<worker::hello>();
  CHECK(hello.language == "c++");
  CHECK(hello.graphs.size() == 6);
  CHECK(!hello.graphs.at(0).schemas.empty());

  start(1, "echo", R"({"log":"hi"})");
  CHECK(await_clean(1).outcome == end_outcome::success);
  auto all = said(1);
  CHECK(all.front() == "started");
  CHECK(all.at(all.size() - 2) == "end");
  CHECK(std::ranges::count(all, "end") == 1);
  CHECK(place_of(all, "put") < place_of(all, "view"));
  CHECK(std::ranges::count(all, "put") >= 3); // Input, node, done.
  way->ping(7);
  CHECK(seen.first<pong>().n == 7);
}

TEST_CASE_METHOD(native_world, "many steps in a row are no deep stack",
                 "[worker][native]") {
  start(1, "stepping");
  CHECK(await_clean(1).outcome == end_outcome::success);
  CHECK(std::ranges::count(said(1), "put") >= 20);
}

TEST_CASE_METHOD(native_world, "a graph that is not there ends in an error",
                 "[worker][native]") {
  start(1, "nothing");
  auto how = await_clean(1);
  CHECK(how.outcome == end_outcome::error);
  CHECK_THAT(how.error_message, Contains("nothing"));
  ask question{"schemas", "nothing", {}, json_text{"{}"}};
  way->ask(2, question);
  CHECK(seen.first<answer>().value.has_error());
}

TEST_CASE_METHOD(native_world, "a question is answered, and its slot is free",
                 "[worker][native]") {
  way->ask(2, {"draw", "stepping", {}, json_text{R"({"config":{}})"}});
  auto got = seen.first<answer>();
  REQUIRE(got.value.has_value());
  CHECK_THAT(std::string{got.value->view()}, Contains("n19"));
  await_clean(2);
}

TEST_CASE_METHOD(native_world, "a cancel ends what waits and what watches",
                 "[worker][native][cancel]") {
  start(1, "waiting");
  start(2, "watching");
  seen.wait([&] {
    return std::ranges::count_if(seen.all_,
                                 [](const auto& one) {
                                   return std::holds_alternative<put>(
                                     one.second);
                                 })
           >= 2;
  });
  way->cancel(1, interrupt);
  way->cancel(2, interrupt);
  for (run_no run : {1U, 2U}) {
    CHECK(await_clean(run).outcome == end_outcome::cancelled);
    auto all = said(run);
    CHECK(std::ranges::count(all, "cancelling") == 1);
    CHECK(all.back() == "clean");
  }
  CHECK(launcher->stuck() == 0);
}

TEST_CASE_METHOD(native_world, "coroutines that wait hold no thread",
                 "[worker][native][cancel]") {
  constexpr run_no many = 500;
  for (run_no run = 1; run <= many; ++run)
    start(run, "waiting");
  start(many + 1, "echo");
  CHECK(await_clean(many + 1).outcome == end_outcome::success);
  for (run_no run = 1; run <= many; ++run)
    way->cancel(run, interrupt);
  for (run_no run = 1; run <= many; ++run)
    CHECK(await_clean(run).outcome == end_outcome::cancelled);
}

TEST_CASE_METHOD(one_thread, "waiting runs are cancelled while a node is busy",
                 "[worker][native][cancel]") {
  start(1, "waiting");
  seen.first<put>();
  start(2, "deaf");
  REQUIRE(shut.crowd(1));
  way->cancel(1, interrupt);
  CHECK(await_clean(1).outcome == end_outcome::cancelled);
  shut.open();
  CHECK(await_clean(2).outcome == end_outcome::success);
}

TEST_CASE_METHOD(native_world, "a run that does not stop is abandoned alone",
                 "[worker][native][cancel]") {
  CHECK(way->abandons());
  start(1, "deaf");
  start(2, "waiting");
  REQUIRE(shut.crowd(1));
  way->cancel(1, interrupt);
  way->raise(1);
  way->abandon(1);
  CHECK(await_clean(1).outcome == end_outcome::cancelled);
  auto before = said(1);
  CHECK(launcher->stuck() == 1);
  CHECK(count_logged("does not stop") == 1);

  // Its neighbour lives, and its number may say nothing more, whatever it does.
  way->abandon(1);
  shut.open();
  for (int i = 0; launcher->stuck() > 0 && i < 2000; ++i)
    test::eventually([&] { return launcher->stuck() == 0; });
  CHECK(launcher->stuck() == 0);
  CHECK(count_logged("after all") == 1);
  start(3, "echo");
  CHECK(await_clean(3).outcome == end_outcome::success);
  CHECK(said(1) == before);
  way->cancel(2, interrupt);
  CHECK(await_clean(2).outcome == end_outcome::cancelled);
}

TEST_CASE_METHOD(native_world, "stuck threads are replaced, until no more",
                 "[worker][native][cancel]") {
  for (run_no run = 1; run <= 4; ++run)
    start(run, "deaf");
  REQUIRE(shut.crowd(4));
  for (run_no run = 1; run <= 2; ++run)
    way->abandon(run);
  start(5, "echo"); // Two stand in.
  CHECK(await_clean(5).outcome == end_outcome::success);
  for (run_no run = 3; run <= 4; ++run)
    way->abandon(run);
  start(6, "deaf");
  start(7, "deaf");
  REQUIRE(shut.crowd(6));
  way->abandon(6);
  way->abandon(7);
  CHECK(count_logged("every thread") == 1);
  seen.first<beat>(); // No new runs, it says.
  way->ping(1);
  start(8, "echo"); // It waits.
  way->ping(2);
  CHECK(seen.each<pong>().empty());
  CHECK(!is_clean(8));

  shut.open();
  CHECK(await_clean(8).outcome == end_outcome::success);
  CHECK(test::eventually([&] { return launcher->stuck() == 0; }));
  way->ping(3);
  CHECK(seen.first<pong>().n == 3);
}

TEST_CASE_METHOD(little_credit, "a node that emits waits for credit",
                 "[worker][native][flow]") {
  start(1, "chatty");
  seen.first<events>();
  // Nothing moves until credit comes.
  start(2, "echo");
  await_clean(2);
  auto some = events_of(1);
  CHECK(some < 20);
  way->credit(1, 100'000);
  CHECK(test::eventually([&] { return events_of(1) > some + 50; }));
  CHECK(events_of(1) < 200);

  SECTION("more credit lets it end") {
    way->credit(1, 10'000'000);
    CHECK(await_clean(1).outcome == end_outcome::success);
    CHECK(events_of(1) == 1000);
  }
  SECTION("a cancel does not wait for credit") {
    way->cancel(1, interrupt);
    CHECK(await_clean(1).outcome == end_outcome::cancelled);
    CHECK(events_of(1) < 200);
  }
}

TEST_CASE_METHOD(native_world, "a kill is told last, and nothing follows",
                 "[worker][native]") {
  start(1, "deaf");
  start(2, "waiting");
  REQUIRE(shut.crowd(1));
  way->kill();
  way->kill();
  CHECK(seen.end() == "killed");
  start(3, "echo");
  shut.open();
  // A new one on the same threads.
  test::journal next;
  auto other
    = launcher->launch([&](auto batch) { next.add(std::move(batch)); });
  CHECK(next.first<hello>().graphs.size() == 6);
  CHECK(seen.end() == "killed");
  other->kill();
  CHECK(next.end() == "killed");
}

TEST_CASE_METHOD(native_world, "told to exit, it leaves when all is drained",
                 "[worker][native]") {
  start(1, "deaf");
  REQUIRE(shut.crowd(1));
  way->exit(5s);
  CHECK(seen.each<gone>().empty());
  shut.open();
  CHECK(seen.end() == "left as told");
  CHECK(is_clean(1));
}

TEST_CASE("the end of an executor does not wait for who is stuck",
          "[worker][native]") {
  test::door shut;
  auto begun = std::chrono::steady_clock::now();
  {
    native_world world;
    shut = world.shut;
    world.shut = {}; // It does not open this one.
    world.start(1, "deaf");
    REQUIRE(shut.crowd(1));
    world.way->abandon(1);
    world.await_clean(1);
  }
  CHECK(std::chrono::steady_clock::now() - begun < 15s);
  shut.open(); // Its thread ends by and by, with nobody left to tell.
}
