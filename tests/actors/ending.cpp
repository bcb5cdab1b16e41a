#include "tests/house/fixture.hpp"

// Shutdown is not a cancel; an actor that has nothing to do goes.

using namespace heddle;
using namespace heddle::test;
using namespace std::chrono_literals;

namespace {

struct end_test : fixture {
  thread_id home = make_thread();

  bool stopped = false;
  void stop() {
    api().stop([this] { stopped = true; });
    settle();
  }
};

} // namespace

TEST_CASE_METHOD(end_test, "a stop moves running runs to the queue",
                 "[actors][end]") {
  auto reader = std::make_shared<kept_reader>();
  auto run = create(home, {}, reader);
  put(run, "c1", "1");
  stop();
  CHECK(!api().accepting());
  CHECK(!stopped);
  CHECK(work_of(run).drains == 1);
  CHECK(work_of(run).cancels.empty());
  finish(run, worker::end_outcome::drained);
  settle();
  CHECK(stopped);
  REQUIRE(reader->last);
  CHECK(reader->last->why == end_reason::unavailable);
  CHECK(row(run)->status == run_status::pending);
  CHECK(row(run)->strikes == 0);

  shut_down();
  boot();
  CHECK(starts(run) == 1);
  CHECK(work_of(run).run->resume);
  finish(run);
  settle();
  CHECK(status(home, run) == run_status::success);
}

TEST_CASE_METHOD(end_test, "a stop kills what does not move within the grace",
                 "[actors][end]") {
  auto run = create(home);
  stop();
  advance(opts.shutdown_grace - 1ms);
  CHECK(!where(run)->killed);
  advance(1ms);
  CHECK(where(run)->killed);
  CHECK(stopped);
  CHECK(row(run)->status == run_status::pending);
  CHECK(row(run)->strikes == 0);
}

TEST_CASE_METHOD(end_test, "a second stop cuts the grace short",
                 "[actors][end]") {
  auto run = create(home);
  stop();
  CHECK(!stopped);
  bool second = false;
  api().stop([&second] { second = true; });
  settle();
  CHECK(where(run)->killed);
  CHECK(stopped);
  CHECK(second);
}

TEST_CASE_METHOD(end_test, "what is stopping keeps its ladder in a stop",
                 "[actors][end]") {
  auto run = create(home);
  auto waits
    = cancel(home, {run}, cancel_action::rollback, answer_after::effect);
  settle();
  stop();
  CHECK(work_of(run).drains == 0);
  advance(opts.stop_grace);
  CHECK(waits.ok());
  CHECK(!row(run));
  CHECK(stopped);
}

TEST_CASE_METHOD(end_test, "nothing is taken on while the server stops",
                 "[actors][end]") {
  auto run = create(home);
  auto waiting = create(home);
  stop();
  auto made = ask_run(home);
  settle();
  CHECK(made.failure() == errc::unavailable);
  finish(run); // It was nearly done.
  settle();
  CHECK(status(home, run) == run_status::success);
  CHECK(starts(waiting) == 0);
  CHECK(stopped);
}

TEST_CASE_METHOD(end_test, "a stop waits for what is being written",
                 "[actors][end]") {
  auto made = ask_run(home);
  deliver();
  REQUIRE(rows.queued_writes() == 1); // Create and start, with a slot.
  api().stop([this] { stopped = true; });
  deliver();
  CHECK(!stopped);
  settle();
  advance(opts.shutdown_grace);
  CHECK(stopped);
  REQUIRE(made.ok());
  CHECK(row(made.value().run.id)->status == run_status::pending);
}

TEST_CASE_METHOD(end_test, "who waits is told that the server stops",
                 "[actors][end]") {
  auto run = create(home);
  auto queued = create(home);
  auto [waits, place] = follow(home, queued, waiting());
  settle();
  stop();
  finish(run, worker::end_outcome::drained);
  settle();
  REQUIRE(waits->last);
  CHECK(waits->last->why == end_reason::unavailable);
  auto late = cancel(home, {run});
  settle();
  CHECK(late.answered());
}

TEST_CASE_METHOD(end_test, "a cancel right before a stop is kept",
                 "[actors][end]") {
  auto run = create(home);
  auto got = cancel(home, {run});
  api().stop([this] { stopped = true; });
  settle();
  advance(opts.shutdown_grace);
  CHECK(got.ok());
  CHECK(status(home, run) == run_status::interrupted);
}

TEST_CASE_METHOD(end_test, "an idle thread costs no actor",
                 "[actors][retire]") {
  CHECK(thread_actors() == 0);
  auto run = create(home);
  CHECK(thread_actors() == 1);
  finish(run);
  settle();
  CHECK(thread_actors() == 0);
  CHECK(world::home().env().counters.threads_live == 0);
}

TEST_CASE_METHOD(end_test,
                 "a message to an actor that has retired gets through",
                 "[actors][retire]") {
  auto [reader, place] = follow(home, run_id{ids.random()});
  deliver();
  rows.run_reads();
  // The actor's last message is in its mailbox; behind it comes ours.
  auto made = ask_run(home);
  deliver();
  settle();
  CHECK(reader->last->why == end_reason::not_found);
  REQUIRE(made.ok());
  CHECK(world::home().env().counters.forwarded > 0);
  CHECK(starts(made.value().run.id) == 1);
}

TEST_CASE_METHOD(end_test, "a webhook is sent until it is taken",
                 "[actors][webhook]") {
  auto run = create(home, {.webhook = "http://hook"});
  finish(run);
  deliver();
  CHECK(webhooks.sent.empty());
  settle();
  REQUIRE(webhooks.sent.size() == 1); // Not before the terminal commit.
  webhooks.answer(0, 503);
  settle();
  CHECK(webhooks.sent.size() == 1);
  advance(1s);
  REQUIRE(webhooks.sent.size() == 2);
  CHECK(webhooks.sent[1].body.view() == webhooks.sent[0].body.view());
  webhooks.answer(1, 200);
  advance(10s);
  CHECK(webhooks.sent.size() == 2);
}

TEST_CASE_METHOD(end_test, "a webhook survives a crash",
                 "[actors][webhook][crash]") {
  auto run = create(home, {.webhook = "http://hook"});
  finish(run);
  settle();
  REQUIRE(webhooks.sent.size() == 1);
  crash();
  boot();
  CHECK(webhooks.sent.size() == 1); // Again: at least once.
}
