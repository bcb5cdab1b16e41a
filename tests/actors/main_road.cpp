#include "tests/house/fixture.hpp"

// The main road: a run is created, executes, streams and ends.

using namespace heddle;
using namespace heddle::test;
using namespace std::chrono_literals;

TEST_CASE_METHOD(fixture, "a run is created and started in one commit",
                 "[actors][create]") {
  auto thread = make_thread();
  auto made = ask_run(thread);
  deliver();
  CHECK(!made.answered());
  CHECK(rows.queued_writes() == 1);

  commit();
  REQUIRE(made.ok());
  auto run = made.value().run.id;
  CHECK(starts(run) == 1);
  CHECK(status(thread, run) == run_status::running);
  CHECK(this->thread(thread)->status == thread_status::busy);
}

TEST_CASE_METHOD(fixture, "a run that ends is over for everyone who follows",
                 "[actors][execute]") {
  auto thread = make_thread();
  auto reader = std::make_shared<kept_reader>();
  auto run = create(thread, {}, reader);
  event(run, R"({"n":2})");
  put(run, "c1", R"({"n":2})");
  finish(run);
  deliver();
  CHECK(!reader->last); // Not before the commit.

  settle();
  CHECK(reader->over());
  CHECK(reader->names() == std::vector<std::string>{"metadata", "values"});
  CHECK(status(thread, run) == run_status::success);
  CHECK(this->thread(thread)->status == thread_status::idle);
  CHECK(this->thread(thread)->values.view() == R"({"ch":{"n":2}})");
  CHECK(slots_used() == 0);
  CHECK(thread_actors() == 0);
}

TEST_CASE_METHOD(fixture, "runs of a thread execute one after the other",
                 "[actors][execute]") {
  auto thread = make_thread();
  auto first = create(thread);
  auto second = create(thread);
  auto third = create(thread);
  CHECK(status(thread, second) == run_status::pending);
  CHECK(starts(second) == 0);

  finish(first);
  settle();
  CHECK(starts(second) == 1);
  CHECK(starts(third) == 0);
  finish(second);
  settle();
  finish(third);
  settle();
  CHECK(status(thread, third) == run_status::success);
  CHECK(slots_used() == 0);
  CHECK(thread_actors() == 0);
}

TEST_CASE_METHOD(fixture, "a cancelled run is interrupted once it is silent",
                 "[actors][cancel]") {
  auto thread = make_thread();
  auto reader = std::make_shared<kept_reader>();
  auto run = create(thread, {}, reader);
  auto now = cancel(thread, {run});
  auto later
    = cancel(thread, {run}, cancel_action::interrupt, answer_after::effect);
  deliver();
  CHECK(!now.answered());
  CHECK(work_of(run).cancels.empty()); // Nothing before the intent is durable.

  commit();
  REQUIRE(now.ok());
  CHECK(work_of(run).cancels.size() == 1);
  CHECK(status(thread, run) == run_status::running);
  CHECK(record(thread, run)->cancel_reason
        == "interrupt requested via POST /threads/{thread_id}/runs/{run_id}/"
           "cancel");

  where(run)->end(work_of(run).no, worker::end_outcome::cancelled);
  settle();
  CHECK(!later.answered()); // A thread of it may still live.
  where(run)->clean(work_of(run).no);
  deliver();
  CHECK(!later.answered());
  CHECK(!reader->last);

  settle();
  CHECK(later.ok());
  CHECK(reader->over());
  CHECK(status(thread, run) == run_status::interrupted);
  CHECK(slots_used() == 0);
}

TEST_CASE_METHOD(fixture, "a server that has stopped can be let go",
                 "[actors][end]") {
  auto thread = make_thread();
  auto run = create(thread);
  auto& process = *where(run);
  process.dies_at_once = true;
  shut_down(); // Also destroys the server, which must not wait again.
  CHECK(status(thread, run) == run_status::pending);
  CHECK(row(run)->strikes == 0);
}
