#include "tests/house/fixture.hpp"

// Deleting runs and threads: the same road, absent from the commit on.

using namespace heddle;
using namespace heddle::test;

namespace {

struct delete_test : fixture {
  thread_id home = make_thread();
};

} // namespace

TEST_CASE_METHOD(delete_test,
                 "a deleted run that executes is absent, then gone",
                 "[actors][delete]") {
  auto before = state_of(home);
  auto reader = std::make_shared<kept_reader>();
  auto run = create(home, {}, reader);
  put(run, "c1", "1");
  settle();
  auto done = erase(home, run);
  deliver();
  CHECK(!done.answered());
  commit();
  CHECK(done.ok());
  CHECK(!status(home, run));
  CHECK(row(run));
  CHECK(work_of(run).cancels.size() == 1);
  finish(run, worker::end_outcome::cancelled);
  settle();
  CHECK(!row(run));
  CHECK(reader->over());
  CHECK(state_of(home) == before);
}

TEST_CASE_METHOD(delete_test, "a deleted run in the queue goes at once",
                 "[actors][delete]") {
  auto first = create(home);
  auto second = create(home);
  auto third = create(home);
  auto [reader, place] = follow(home, second);
  settle();
  auto done = erase(home, second);
  settle();
  CHECK(done.ok());
  CHECK(!row(second));
  CHECK(reader->last);
  finish(first);
  settle();
  CHECK(starts(third) == 1);
}

TEST_CASE_METHOD(delete_test,
                 "a deleted run that is over takes its state along",
                 "[actors][delete]") {
  auto run = create(home);
  finish(run);
  settle();
  CHECK(erase(home, run_id{ids.random()}).answered() == false);
  auto done = erase(home, run);
  settle();
  CHECK(done.ok());
  auto again = erase(home, run);
  settle();
  CHECK(again.failure() == errc::not_found);
}

TEST_CASE_METHOD(delete_test, "a thread goes when its run has stopped",
                 "[actors][delete]") {
  auto running = create(home);
  auto waiting = create(home);
  auto [reader, place] = follow(home, waiting);
  settle();
  auto done = erase(home);
  settle();
  CHECK(done.ok());
  CHECK(!thread(home));
  CHECK(reader->last);
  auto fresh = ask_run(home);
  settle();
  CHECK(fresh.failure() == errc::not_found);
  REQUIRE(work_of(running).cancels.size() == 1);
  CHECK(work_of(running).cancels[0].action == worker::stop_action::rollback);
  finish(running, worker::end_outcome::cancelled);
  settle();
  CHECK(!row(running));
  CHECK(!row(waiting));
  CHECK(starts(waiting) == 0);
  CHECK(slots_used() == 0);
  CHECK(thread_actors() == 0);
}

TEST_CASE_METHOD(delete_test, "a deleted thread stays deleted after a crash",
                 "[actors][delete][crash]") {
  auto run = create(home);
  auto done = erase(home);
  deliver();
  commit();
  REQUIRE(done.ok());
  crash();
  boot();
  CHECK(!thread(home));
  CHECK(!row(run));
}
