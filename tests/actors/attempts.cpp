#include "tests/house/fixture.hpp"

#include <caf/send.hpp>

// Attempts: what a death costs, and what does not count as one.

using namespace heddle;
using namespace heddle::test;
using namespace std::chrono_literals;

namespace {

struct attempt_test : fixture {
  thread_id home = make_thread();

  void die(const run_id& run) {
    where(run)->die("signal 11");
    settle();
  }
};

} // namespace

TEST_CASE_METHOD(attempt_test, "a run whose worker dies goes on elsewhere",
                 "[actors][attempts]") {
  auto reader = std::make_shared<kept_reader>();
  auto run = create(home, {}, reader);
  put(run, "c1", "1");
  settle();
  die(run);
  CHECK(starts(run) == 2);
  CHECK(work_of(run).run->attempt == 2);
  CHECK(work_of(run).run->resume);
  CHECK(row(run)->strikes == 1);
  finish(run);
  settle();
  CHECK(reader->over()); // It stayed.
  CHECK(status(home, run) == run_status::success);
}

TEST_CASE_METHOD(attempt_test, "a run offered too early starts when it is due",
                 "[actors][attempts]") {
  wish how;
  how.after = 5s;
  auto run = create(home, how);
  this->world::home().env().dispatchers.tell(
    0, actors::ready_hint{{{}, run, home}});
  settle();
  CHECK(starts(run) == 0);
  advance(4s);
  CHECK(starts(run) == 0);
  advance(1s);
  CHECK(starts(run) == 1);
}

TEST_CASE_METHOD(attempt_test, "a run that has kept nothing starts afresh",
                 "[actors][attempts]") {
  auto run = create(home);
  die(run);
  CHECK(!work_of(run).run->resume);
}

TEST_CASE_METHOD(attempt_test, "a run with a strike runs alone",
                 "[actors][attempts]") {
  auto run = create(home);
  die(run);
  auto& own = *where(run);
  auto neighbour = create(make_thread());
  CHECK(where(neighbour) != &own);
  finish(run);
  settle();
  CHECK(own.told_exit); // It goes with its one run.
  CHECK(own.gone);
  finish(neighbour);
  settle();
  CHECK(slots_used() == 0);
}

TEST_CASE_METHOD(attempt_test,
                 "runs with a strike all get a process of their own in time",
                 "[actors][attempts]") {
  std::vector<run_id> runs;
  for (int i = 0; i < 6; ++i)
    runs.push_back(create(make_thread()));
  for (const auto& run : runs)
    if (starts(run) == 1)
      die(run); // And all that share its process.
  for (std::size_t i = 0; i < 3 * runs.size(); ++i) {
    for (const auto& run : runs)
      if (row(run)->status == run_status::running)
        finish(run);
    settle();
  }
  for (const auto& run : runs)
    CHECK(row(run)->status == run_status::success);
}

TEST_CASE_METHOD(attempt_test, "three strikes end a run as an error",
                 "[actors][attempts]") {
  auto [reader, place]
    = std::pair{std::make_shared<kept_reader>(), slot<follower>{}};
  auto run = create(home, {}, reader);
  die(run);
  die(run);
  CHECK(status(home, run) == run_status::pending); // After a pause.
  CHECK(starts(run) == 2);
  advance(999ms);
  CHECK(starts(run) == 2);
  advance(1ms);
  REQUIRE(starts(run) == 3);
  die(run);
  CHECK(status(home, run) == run_status::error);
  REQUIRE(reader->data("error").size() == 1);
  CHECK(reader->data("error")[0].find("exceeded max attempts (3)")
        != std::string::npos);
  CHECK(thread(home)->status == thread_status::error);
}

TEST_CASE_METHOD(attempt_test, "strikes count across crashes of the server",
                 "[actors][attempts][crash]") {
  auto run = create(home);
  for (int i = 0; i < 3; ++i) {
    REQUIRE(starts(run) == 1);
    crash();
    boot();
  }
  CHECK(status(home, run) == run_status::error);
  CHECK(starts(run) == 0);
}

TEST_CASE_METHOD(attempt_test, "a process that cannot start is tried again",
                 "[actors][attempts]") {
  workers().starts = false;
  auto run = create(home);
  where(run)->die("signal 11");
  settle();
  CHECK(status(home, run) == run_status::pending);
  auto launched = workers().all.size();
  advance(2s);
  CHECK(workers().all.size() > launched);
  CHECK(workers().all.size() < launched + 16); // With back-off.
  workers().starts = true;
  advance(15s);
  CHECK(starts(run) == 2);
}

TEST_CASE_METHOD(attempt_test, "a process that dies before it is told of a run",
                 "[actors][attempts]") {
  auto made = ask_run(home);
  deliver();
  REQUIRE(rows.queued_writes() == 1); // Create and start, with a slot.
  workers().all.front()->die("signal 11");
  deliver();
  settle();
  REQUIRE(made.ok());
  auto run = made.value().run.id;
  CHECK(starts(run) == 1); // In another one: the first never heard of it.
  finish(run);
  settle();
  CHECK(status(home, run) == run_status::success);
  CHECK(slots_used() == 0);
}

TEST_CASE_METHOD(attempt_test, "a worker that blocks takes no new runs",
                 "[actors][attempts]") {
  auto run = create(home);
  where(run)->say(0, worker::beat{"graph.py:7"});
  settle();
  auto later = create(make_thread());
  CHECK(starts(later) == 0);
  where(run)->say(0, worker::pong{1, 0, 0});
  settle();
  CHECK(starts(later) == 1);
}

TEST_CASE_METHOD(attempt_test,
                 "a worker that blocked and lost its last run takes new ones",
                 "[actors][attempts]") {
  auto run = create(home);
  auto& process = *where(run);
  process.answers_pings = false;
  process.say(0, worker::beat{"graph.py:7"});
  settle();
  finish(run);
  settle();
  auto later = create(make_thread());
  CHECK(starts(later) == 0);
  advance(3s);
  CHECK(starts(later) == 0);
  process.answers_pings = true;
  advance(2s);
  CHECK(starts(later) == 1);
}

TEST_CASE_METHOD(attempt_test, "an actor that dies of a bug loses no run",
                 "[actors][attempts]") {
  auto reader = std::make_shared<kept_reader>();
  auto run = create(home, {}, reader);
  auto waits
    = cancel(make_thread(), {run}, cancel_action::interrupt); // Not its own.
  auto [other, place] = follow(home, run, waiting());
  settle();
  auto& first = *where(run);
  reader->on_push = [](auto) { throw std::runtime_error{"a bug"}; };
  event(run, "{}");
  settle();
  CHECK(errors.size() >= 1);
  CHECK(first.killed); // Nobody would have listened to it any more.
  CHECK(starts(run) == 2);
  CHECK(row(run)->strikes == 0);
  finish(run);
  settle();
  CHECK(status(home, run) == run_status::success);
  CHECK(slots_used() == 0);
  CHECK(thread_actors() == 0);
}

TEST_CASE_METHOD(attempt_test, "who waits for a dying actor is told so",
                 "[actors][attempts]") {
  auto reader = std::make_shared<kept_reader>();
  auto run = create(home, {}, reader);
  auto waits
    = cancel(home, {run}, cancel_action::interrupt, answer_after::effect);
  deliver();
  reader->on_push = [](auto) { throw std::runtime_error{"a bug"}; };
  event(run, "{}");
  settle();
  CHECK(waits.failure() == errc::unavailable);
  // The intent was committed all the same, and the successor sees to it.
  CHECK(status(home, run) == run_status::interrupted);
}

TEST_CASE_METHOD(attempt_test, "an end that cannot be written is tried again",
                 "[actors][attempts]") {
  auto run = create(home);
  auto waits
    = cancel(home, {run}, cancel_action::interrupt, answer_after::effect);
  settle();
  gate().fault = [](lane) { return true; };
  finish(run, worker::end_outcome::cancelled);
  settle();
  CHECK(!waits.answered());
  CHECK(status(home, run) == run_status::running);
  gate().fault = nullptr;
  advance(1s);
  CHECK(waits.ok());
  CHECK(status(home, run) == run_status::interrupted);
}

TEST_CASE_METHOD(attempt_test, "a start that cannot be written is tried again",
                 "[actors][attempts]") {
  auto first = create(home);
  auto second = create(home);
  finish(first);
  deliver();
  rows.commit_batch(1);
  gate().fault = [](lane) { return true; };
  settle();
  gate().fault = nullptr;
  CHECK(starts(second) == 0);
  advance(2s);
  CHECK(starts(second) == 1);
}

TEST_CASE_METHOD(attempt_test, "ready runs that cannot be read are read again",
                 "[actors][attempts]") {
  crash();
  boot();
  auto run = create(home, {.after = 1s});
  gate().read_fault = [] { return true; };
  advance(1s);
  CHECK(starts(run) == 0);
  gate().read_fault = nullptr;
  advance(1s);
  CHECK(starts(run) == 1);
}

TEST_CASE_METHOD(attempt_test,
                 "a deferred run starts soon after the wall clock jumped",
                 "[actors][attempts]") {
  auto run = create(home, {.after = 1h});
  advance(5min);
  CHECK(starts(run) == 0);
  time.jump(1h);
  advance(1min);
  CHECK(starts(run) == 1);
}

TEST_CASE_METHOD(attempt_test,
                 "a wall clock that is set back defers what is deferred",
                 "[actors][attempts]") {
  auto run = create(home, {.after = 10s});
  auto other = create(make_thread());
  time.jump(-1h);
  advance(2min);
  CHECK(starts(run) == 0);
  CHECK(starts(other) == 1);
  time.jump(1h);
  advance(1min);
  CHECK(starts(run) == 1);
}
