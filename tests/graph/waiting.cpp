// Coroutines and their waits, without a graph.

#include "heddle/task.hpp"
#include "tests/catch.hpp"
#include "tests/graph/local_host.hpp"

#include <thread>

using namespace heddle;
using namespace std::chrono_literals;

namespace {

struct fixture {
  graph::test::local_host host;
  std::shared_ptr<wait_place> place = std::make_shared<wait_place>(host);
  bool over = false;

  template <class T>
  void start(task<T>& what) {
    what.start(place, [this] { over = true; });
  }
};

task<int> sleepy(std::chrono::milliseconds time, int result) {
  co_await delay(time);
  co_return result;
}

task<int> sum() {
  int first = co_await sleepy(5ms, 1);
  int second = co_await sleepy(5ms, 2);
  co_return first + second;
}

task<int> failing() {
  co_await delay(1ms);
  throw std::runtime_error{"no"};
}

task<std::string> asking(std::optional<completion<std::string>>& asked) {
  co_return co_await operation<std::string>{
    [&asked](const completion<std::string>& done) { asked = done; }};
}

task<std::string> careful() {
  try {
    co_await delay(1h);
  } catch (const std::exception&) {
    co_return "swallowed";
  }
  co_return "slept";
}

} // namespace

TEST_CASE_METHOD(fixture, "a task waits for tasks, and they for time",
                 "[graph][task]") {
  auto aut = sum();
  start(aut);
  host.pass(5ms);
  CHECK(!over);
  host.pass(5ms);
  REQUIRE(over);
  CHECK(aut.take() == 3);
}

TEST_CASE_METHOD(fixture, "what a task throws comes out of it",
                 "[graph][task]") {
  auto aut = failing();
  start(aut);
  host.pass(1ms);
  REQUIRE(over);
  CHECK_THROWS_AS(aut.take(), std::runtime_error);
}

TEST_CASE_METHOD(fixture, "an operation may be done before it has begun",
                 "[graph][task]") {
  auto aut = []() -> task<int> {
    co_return co_await operation<int>{
      [](const completion<int>& done) { done(7); }};
  }();
  start(aut);
  host.turn();
  REQUIRE(over);
  CHECK(aut.take() == 7);
}

TEST_CASE_METHOD(fixture, "a cancel ends the wait, past catch clauses",
                 "[graph][task]") {
  auto aut = careful();
  start(aut);
  CHECK(host.timers.size() == 1);
  place->cancel();
  CHECK(host.timers.empty());
  host.turn();
  REQUIRE(over);
  CHECK_THROWS_AS(aut.take(), run_cancelled);
}

TEST_CASE_METHOD(fixture, "after a cancel a wait does not begin",
                 "[graph][task]") {
  std::optional<completion<std::string>> asked;
  place->cancel();
  auto aut = asking(asked);
  start(aut);
  host.turn();
  REQUIRE(over);
  CHECK(!asked);
  CHECK_THROWS_AS(aut.take(), run_cancelled);
}

TEST_CASE_METHOD(fixture, "a completion that comes after the cancel is ignored",
                 "[graph][task]") {
  std::optional<completion<std::string>> asked;
  auto aut = asking(asked);
  start(aut);
  place->cancel();
  (*asked)("late");
  host.turn();
  CHECK_THROWS_AS(aut.take(), run_cancelled);
}

TEST_CASE_METHOD(fixture, "a dropped completion ends the wait",
                 "[graph][task]") {
  std::optional<completion<std::string>> asked;
  auto aut = asking(asked);
  start(aut);
  asked.reset();
  host.turn();
  REQUIRE(over);
  CHECK_THROWS_AS(aut.take(), operation_abandoned);
}

TEST_CASE_METHOD(fixture, "what starts an operation may throw",
                 "[graph][task]") {
  auto aut = []() -> task<int> {
    co_return co_await operation<int>{
      [](const completion<int>&) { throw std::logic_error{"not today"}; }};
  }();
  start(aut);
  CHECK(host.posted.size() == 1);
  host.turn();
  REQUIRE(over);
  CHECK_THROWS_AS(aut.take(), std::logic_error);
}

TEST_CASE_METHOD(fixture, "a function blocks until the operation is done",
                 "[graph][task]") {
  std::optional<completion<int>> asked;
  operation<int> aut{[&](const completion<int>& done) {
                       std::thread{[done] { done(5); }}.detach();
                     },
                     place};
  CHECK(aut.get() == 5);
}

TEST_CASE("cancel and completion race, and one of them wins", "[graph][task]") {
  for (int i = 0; i < 300; ++i) {
    fixture world;
    std::optional<completion<std::string>> asked;
    auto aut = asking(asked);
    world.start(aut);
    // The host is the test's: only who settles posts, and that is one.
    std::thread other{[&] { (*asked)("done"); }};
    world.place->cancel();
    other.join();
    CHECK(world.host.posted.size() == 1);
    world.host.turn();
    REQUIRE(world.over);
    std::string outcome = "cancelled";
    try {
      outcome = aut.take();
    } catch (const run_cancelled&) {
      CHECK(world.place->cancelled());
    }
    CHECK((outcome == "done" || outcome == "cancelled"));
  }
}
