#include "tests/house/fixture.hpp"

// What a cancel does, by what the run is: one test for each cell of the table
// in docs/cancel.md.

using namespace heddle;
using namespace heddle::test;
using namespace std::chrono_literals;
using outcome = cancel_receipt::outcome;

namespace {

constexpr auto rollback = cancel_action::rollback;
constexpr auto interrupt = cancel_action::interrupt;

struct cancel_test : fixture {
  thread_id home = make_thread();

  /// A run that waits behind another.
  run_id queued() {
    blocker = create(home, {.webhook = "http://hook"});
    return create(home, {.webhook = "http://hook"});
  }

  /// A run that has a checkpoint and was given back to the queue.
  run_id between_attempts() {
    auto run = create(home, {.webhook = "http://hook"});
    put(run, "c1", R"({"n":1})", {"next"});
    settle();
    workers().says_hello = false;
    where(run)->die("signal 9");
    settle();
    REQUIRE(status(home, run) == run_status::pending);
    return run;
  }

  run_id blocker;
};

} // namespace

TEST_CASE_METHOD(cancel_test, "a cancel waits for its run's create",
                 "[actors][cancel]") {
  for (auto action : {interrupt, rollback}) {
    auto thread = make_thread();
    run_id run{ids.peek(time.now(), 1)};
    auto made = ask_run(thread);
    deliver();
    auto cancelled = cancel(thread, {run}, action);
    deliver();
    CHECK(rows.queued_writes() == 1); // The urgent lane would overtake it.
    commit();
    CHECK(made.ok());
    CHECK(!cancelled.answered());
    settle();
    REQUIRE(cancelled.ok());
    CHECK(outcomes(cancelled) == std::vector{outcome::stopping});
    finish(run, worker::end_outcome::cancelled);
    settle();
    CHECK(status(thread, run)
          == (action == rollback ? std::nullopt
                                 : std::optional{run_status::interrupted}));
  }
}

TEST_CASE_METHOD(cancel_test, "a pending run is interrupted in the commit",
                 "[actors][cancel]") {
  auto run = queued();
  auto got = cancel(home, {run});
  settle();
  CHECK(outcomes(got) == std::vector{outcome::interrupted});
  CHECK(status(home, run) == run_status::interrupted);
  finish(blocker);
  settle();
  CHECK(starts(run) == 0);
  CHECK(thread(home)->error.view() == "null");
  CHECK(webhooks.sent.size() == 1); // None for a run that no worker ever had.
}

TEST_CASE_METHOD(cancel_test, "a pending run is rolled back without a trace",
                 "[actors][cancel]") {
  auto run = queued();
  auto got = cancel(home, {run}, rollback);
  settle();
  CHECK(outcomes(got) == std::vector{outcome::rolled_back});
  CHECK(!row(run));
  finish(blocker);
  settle();
  CHECK(starts(run) == 0);
  CHECK(status(home, blocker) == run_status::success);
}

TEST_CASE_METHOD(cancel_test,
                 "a run between attempts is interrupted where it stands",
                 "[actors][cancel]") {
  auto run = between_attempts();
  auto got = cancel(home, {run});
  settle();
  CHECK(outcomes(got) == std::vector{outcome::interrupted});
  auto now = thread(home);
  CHECK(now->status == thread_status::interrupted);
  CHECK(now->values.view() == R"({"ch":{"n":1}})");
  CHECK(now->error.view().find("UserInterrupt") != std::string::npos);
  REQUIRE(webhooks.sent.size() == 1);
  CHECK(webhooks.sent[0].body.view().find(R"("status":"interrupted")")
        != std::string::npos);
}

TEST_CASE_METHOD(cancel_test,
                 "a run between attempts is rolled back to before it",
                 "[actors][cancel]") {
  auto before = state_of(home);
  auto run = between_attempts();
  CHECK(state_of(home) != before);
  auto got = cancel(home, {run}, rollback);
  settle();
  CHECK(outcomes(got) == std::vector{outcome::rolled_back});
  CHECK(state_of(home) == before);
  REQUIRE(webhooks.sent.size() == 1);
  CHECK(webhooks.sent[0].body.view().find(R"("status":"rollback")")
        != std::string::npos);
}

TEST_CASE_METHOD(cancel_test, "a start that meets a committed cancel is void",
                 "[actors][cancel]") {
  auto run = queued();
  finish(blocker);
  deliver();
  rows.commit_batch(1); // The end of the first one.
  deliver();            // The next is offered and its start queued.
  REQUIRE(rows.queued_writes() > 0);
  auto got = cancel(home, {run});
  deliver();
  settle();
  CHECK(outcomes(got) == std::vector{outcome::interrupted});
  CHECK(starts(run) == 0);
  CHECK(slots_used() == 0);
  CHECK(!workers().all.front()->killed); // Nothing was ever started in it.
}

TEST_CASE_METHOD(cancel_test, "a cancel that meets a committed start stops it",
                 "[actors][cancel]") {
  auto run = queued();
  finish(blocker);
  settle();
  REQUIRE(starts(run) == 1);
  auto got = cancel(home, {run});
  settle();
  CHECK(outcomes(got) == std::vector{outcome::stopping});
  CHECK(work_of(run).cancels.size() == 1);
}

TEST_CASE_METHOD(cancel_test, "a rollback leads back to before the run",
                 "[actors][cancel]") {
  auto first = create(home);
  put(first, "c1", R"({"n":1})");
  finish(first);
  settle();
  auto before = state_of(home);

  auto run = create(home, {.webhook = "http://hook"});
  put(run, "c2", R"({"n":2})", {"next"});
  where(run)->writes(work_of(run).no, "c1", "task", "3");
  settle();
  REQUIRE(state_of(home) != before);
  auto got = cancel(home, {run}, rollback, answer_after::effect);
  settle();
  CHECK(!got.answered());
  finish(run, worker::end_outcome::cancelled);
  settle();
  CHECK(outcomes(got) == std::vector{outcome::rolled_back});
  CHECK(state_of(home) == before);
  CHECK(!row(run));
  CHECK(webhooks.sent.size() == 1);
}

TEST_CASE_METHOD(cancel_test, "a second cancel answers as the first did",
                 "[actors][cancel]") {
  auto run = create(home);
  cancel(home, {run});
  settle();
  auto before = row(run);
  auto again = cancel(home, {run});
  settle();
  CHECK(outcomes(again) == std::vector{outcome::stopping});
  CHECK(row(run)->updated == before->updated);
  CHECK(work_of(run).cancels.size() == 1); // Told once.
}

TEST_CASE_METHOD(cancel_test, "an interrupt is raised to a rollback",
                 "[actors][cancel]") {
  auto before = state_of(home);
  auto run = create(home);
  put(run, "c1", "1");
  cancel(home, {run});
  settle();
  auto raised = cancel(home, {run}, rollback);
  settle();
  CHECK(outcomes(raised) == std::vector{outcome::stopping});
  CHECK(row(run)->cancel == rollback);
  finish(run, worker::end_outcome::cancelled);
  settle();
  CHECK(!row(run));
  CHECK(state_of(home) == before);
}

TEST_CASE_METHOD(cancel_test, "a lower cancel changes nothing",
                 "[actors][cancel]") {
  auto run = create(home);
  cancel(home, {run}, rollback);
  settle();
  auto lower = cancel(home, {run}, interrupt, answer_after::effect);
  settle();
  CHECK(row(run)->cancel == rollback);
  finish(run, worker::end_outcome::cancelled);
  settle();
  CHECK(outcomes(lower) == std::vector{outcome::rolled_back});
  CHECK(!row(run));
}

TEST_CASE_METHOD(cancel_test, "a run marked by a bulk is over for a cancel",
                 "[actors][cancel][bulk]") {
  auto run = queued();
  cancel_status({true, false});
  deliver();
  rows.commit_batch(1);
  REQUIRE(row(run)->status == run_status::pending);
  CHECK(status(home, run) == run_status::interrupted);
  auto got = cancel(home, {run});
  deliver();
  rows.commit_batch(1);
  deliver();
  CHECK(got.failure() == errc::not_found);
  CHECK(got.text() != "No runs found to cancel.");
}

TEST_CASE_METHOD(cancel_test,
                 "a run marked for rollback by a bulk is absent for a cancel",
                 "[actors][cancel][bulk]") {
  auto run = queued();
  cancel_status({true, false}, rollback);
  deliver();
  rows.commit_batch(1);
  CHECK(!status(home, run));
  auto got = cancel(home, {run});
  deliver();
  rows.commit_batch(1);
  deliver();
  CHECK(got.failure() == errc::not_found);
  CHECK(got.text() == "No runs found to cancel.");
}

TEST_CASE_METHOD(cancel_test, "a cancel of a run that is over changes no byte",
                 "[actors][cancel]") {
  auto run = create(home);
  put(run, "c1", "1");
  finish(run);
  settle();
  auto before = state_of(home);
  auto updated = row(run)->updated;
  for (auto action : {interrupt, rollback}) {
    auto got = cancel(home, {run}, action);
    settle();
    CHECK(got.failure() == errc::not_found);
    CHECK(got.text() != "No runs found to cancel.");
  }
  CHECK(state_of(home) == before);
  CHECK(row(run)->updated == updated);
  CHECK(status(home, run) == run_status::success);
}

TEST_CASE_METHOD(cancel_test, "a cancel of nobody's run finds none",
                 "[actors][cancel]") {
  auto got = cancel(home, {run_id{ids.random()}});
  settle();
  CHECK(got.failure() == errc::not_found);
  CHECK(got.text() == "No runs found to cancel.");
  CHECK(thread_actors() == 0);
}

TEST_CASE_METHOD(cancel_test, "a partial match is a match",
                 "[actors][cancel]") {
  auto run = create(home);
  auto got = cancel(home, {run_id{ids.random()}, run});
  settle();
  CHECK(outcomes(got) == std::vector{outcome::not_found, outcome::stopping});
  CHECK(got.value().matched == 1);
}

TEST_CASE_METHOD(cancel_test, "a stateless run is gone after either action",
                 "[actors][cancel]") {
  for (auto action : {interrupt, rollback}) {
    auto made = ask_run({}, {.stateless = true});
    settle();
    auto run = made.value().run;
    cancel(run.thread, {run.id}, action);
    settle();
    CHECK(status(run.thread, run.id) == run_status::running);
    finish(run.id, worker::end_outcome::cancelled);
    settle();
    CHECK(!row(run.id));
    CHECK(!thread(run.thread));
  }
}

TEST_CASE_METHOD(cancel_test, "a cancel meets the end that commits first",
                 "[actors][cancel]") {
  auto run = create(home);
  finish(run);
  deliver();
  REQUIRE(rows.queued_writes() == 1); // Its end.
  auto got = cancel(home, {run});
  deliver();
  rows.commit_batch(1); // The cancel: it goes first.
  deliver();
  CHECK(got.ok());
  settle();
  CHECK(status(home, run) == run_status::interrupted);

  auto second = create(home);
  finish(second);
  settle();
  auto late = cancel(home, {second});
  settle();
  CHECK(late.failure() == errc::not_found);
  CHECK(status(home, second) == run_status::success);
}

TEST_CASE_METHOD(cancel_test, "a dry run acts on nothing", "[actors][cancel]") {
  auto run = queued();
  slot<cancel_receipt> got;
  api().cancel({cancel_by_status{true, true},
                rollback,
                answer_after::intent,
                {},
                true,
                true},
               got.fill());
  settle();
  CHECK(outcomes(got) == std::vector{outcome::stopping, outcome::rolled_back});
  CHECK(status(home, run) == run_status::pending);
  CHECK(work_of(blocker).cancels.empty());
}

TEST_CASE_METHOD(cancel_test, "an accepted cancel survives a crash",
                 "[actors][cancel][crash]") {
  for (auto action : {interrupt, rollback}) {
    auto run = create(home);
    put(run, "c1", "1");
    settle();
    auto got = cancel(home, {run}, action);
    deliver();
    commit();
    REQUIRE(got.ok());
    crash();
    boot();
    CHECK(status(home, run)
          == (action == rollback ? std::nullopt
                                 : std::optional{run_status::interrupted}));
    CHECK(starts(run) == 0);
  }
}

TEST_CASE_METHOD(cancel_test, "a cancel that was not committed is not answered",
                 "[actors][cancel][crash]") {
  auto run = create(home);
  auto got = cancel(home, {run});
  deliver();
  crash();
  CHECK(!got.ok());
  boot();
  CHECK(starts(run) == 1); // It goes on.
  CHECK(row(run)->strikes == 1);
}
