#include "tests/house/fixture.hpp"

// Many at once: mark, answer, tell who executes, finish in slices.

using namespace heddle;
using namespace heddle::test;
using namespace std::chrono_literals;
using outcome = cancel_receipt::outcome;

namespace {

struct bulk_test : fixture {
  /// One that executes and some that wait, on each of two threads.
  bulk_test() {
    for (auto& at : threads) {
      at = make_thread();
      running.push_back(create(at));
      for (int i = 0; i < 3; ++i)
        waiting.push_back(create(at));
    }
  }

  std::vector<thread_id> threads{2};
  std::vector<run_id> running;
  std::vector<run_id> waiting;
};

} // namespace

TEST_CASE_METHOD(bulk_test, "a bulk answers with its mark and works in slices",
                 "[actors][bulk]") {
  auto got = cancel_status({true, true});
  deliver();
  CHECK(!got.answered());
  rows.commit_batch(1);
  REQUIRE(got.ok());
  CHECK(got.value().matched == 8);
  for (const auto& run : waiting)
    CHECK(row(run)->status == run_status::pending); // Marked, and seen so:
  CHECK(status(threads[0], waiting[0]) == run_status::interrupted);
  CHECK(work_of(running[0]).cancels.empty());

  settle();
  for (const auto& run : waiting)
    CHECK(row(run)->status == run_status::interrupted);
  for (const auto& run : running) {
    CHECK(work_of(run).cancels.size() == 1);
    finish(run, worker::end_outcome::cancelled);
  }
  settle();
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(status(threads[i], running[i]) == run_status::interrupted);
    CHECK(thread(threads[i])->status == thread_status::idle);
  }
  for (const auto& run : waiting)
    CHECK(starts(run) == 0);
}

TEST_CASE_METHOD(bulk_test, "a run created after the mark is not touched",
                 "[actors][bulk]") {
  cancel_status({true, true}, cancel_action::rollback);
  deliver();
  rows.commit_batch(1);
  auto fresh = ask_run(threads[0]);
  settle();
  for (const auto& run : running)
    finish(run, worker::end_outcome::cancelled);
  settle();
  CHECK(starts(fresh.value().run.id) == 1);
  for (const auto& run : waiting)
    CHECK(!row(run));
}

TEST_CASE_METHOD(bulk_test, "a bulk that waits answers after the last effect",
                 "[actors][bulk]") {
  auto got = cancel_status({true, true}, cancel_action::rollback,
                           answer_after::effect);
  settle();
  CHECK(!got.answered());
  finish(running[0], worker::end_outcome::cancelled);
  settle();
  CHECK(!got.answered());
  finish(running[1], worker::end_outcome::cancelled);
  settle();
  REQUIRE(got.ok());
  for (auto one : outcomes(got))
    CHECK(one == outcome::rolled_back);
}

TEST_CASE_METHOD(bulk_test, "a wait is bounded; the intents stand",
                 "[actors][bulk]") {
  auto& process = *where(running[0]);
  process.dies_at_once = false; // Not even of a kill.
  auto got = cancel_status({true, true}, cancel_action::interrupt,
                           answer_after::effect);
  advance(opts.stop_grace + 9999ms);
  CHECK(!got.answered());
  advance(1ms);
  CHECK(got.failure() == errc::unavailable);
  CHECK(row(running[0])->cancel == cancel_action::interrupt);
  process.die("killed");
  settle();
  CHECK(status(threads[0], running[0]) == run_status::interrupted);
}

TEST_CASE_METHOD(bulk_test, "only what was asked for is marked",
                 "[actors][bulk]") {
  auto pending = cancel_status({true, false});
  settle();
  CHECK(pending.value().matched == 6);
  CHECK(!row(running[0])->cancel);
  auto executing = cancel_status({false, true});
  settle();
  CHECK(executing.value().matched == 2);
  CHECK(work_of(running[1]).cancels.size() == 1);
}

TEST_CASE_METHOD(bulk_test, "what is stopping already still matches",
                 "[actors][bulk]") {
  cancel_status({false, true});
  settle();
  auto again = cancel_status({false, true}, cancel_action::rollback);
  settle();
  CHECK(again.ok());
  CHECK(row(running[0])->cancel == cancel_action::rollback);
  CHECK(cancel_status({true, false}).answered() == false);
  settle();
  auto none = cancel_status({true, false});
  settle();
  CHECK(none.failure() == errc::not_found);
}

TEST_CASE_METHOD(bulk_test, "slices go on after a crash",
                 "[actors][bulk][crash]") {
  auto got = cancel_status({true, true});
  deliver();
  rows.commit_batch(1);
  REQUIRE(got.ok());
  crash();
  boot();
  for (const auto& run : waiting) {
    CHECK(row(run)->status == run_status::interrupted);
    CHECK(starts(run) == 0);
  }
  CHECK(status(threads[0], running[0]) == run_status::interrupted);
}

TEST_CASE_METHOD(bulk_test, "a mark that meets a start reaches the run",
                 "[actors][bulk]") {
  finish(running[0]);
  deliver();
  rows.commit_batch(1); // Its end.
  deliver();            // The start of the next one is queued.
  cancel_status({false, true});
  rows.commit_batch(2); // The mark, then the start: it does not match.
  settle();
  CHECK(work_of(waiting[0]).cancels.empty());

  finish(waiting[0]);
  deliver();
  rows.commit_batch(1);
  deliver();
  rows.commit_batch(1); // The start, and only then the mark.
  cancel_status({false, true});
  rows.commit_batch(1);
  settle();
  CHECK(work_of(waiting[1]).cancels.size() == 1);
}

TEST_CASE_METHOD(bulk_test, "a mark is not missed when the store is busy",
                 "[actors][bulk]") {
  cancel_status({false, true});
  rows.commit_batch(1);
  gate().read_fault = [] { return true; };
  settle();
  gate().read_fault = nullptr;
  CHECK(work_of(running[0]).cancels.empty());
  advance(1s);
  CHECK(work_of(running[0]).cancels.size() == 1);
}

TEST_CASE_METHOD(bulk_test, "readers of a marked run are told its end",
                 "[actors][bulk]") {
  auto [reader, place] = follow(threads[0], waiting[0]);
  auto [waiter, other]
    = follow(threads[0], waiting[1], heddle::test::waiting());
  settle();
  cancel_status({true, false});
  settle();
  CHECK(reader->over());
  CHECK(waiter->over());
}

TEST_CASE_METHOD(bulk_test, "the runs of a deleted assistant are interrupted",
                 "[actors][bulk]") {
  slot<void> done;
  api().delete_assistant(assistant_id{graph_uuid("graph")}, false, done.fill());
  settle();
  CHECK(done.ok());
  CHECK(row(waiting[0])->status == run_status::interrupted);
  CHECK(record(threads[0], running[0])->cancel_reason
        == "interrupt requested via DELETE /assistants/{assistant_id}");
  finish(running[0], worker::end_outcome::cancelled);
  settle();
  CHECK(status(threads[0], running[0]) == run_status::interrupted);
}

TEST_CASE_METHOD(bulk_test, "many ids are one mark", "[actors][bulk]") {
  std::vector<run_id> all{running[0]};
  all.insert(all.end(), waiting.begin(), waiting.begin() + 3);
  while (all.size() <= 1001)
    all.push_back(run_id{ids.random()});
  auto got
    = cancel(threads[0], all, cancel_action::rollback, answer_after::effect);
  settle();
  CHECK(!got.answered());
  CHECK(!row(waiting[0]));
  finish(running[0], worker::end_outcome::cancelled);
  settle();
  REQUIRE(got.ok());
  CHECK(got.value().matched == 4);
  CHECK(!row(running[0]));
  CHECK(row(waiting[3])); // On the other thread.
}

TEST_CASE_METHOD(bulk_test, "an intent whose every hint is lost is found",
                 "[actors][bulk]") {
  write(
    rows, lane::urgent,
    [now = time.now()](write_tx& tx) {
      return tx
        .mark_runs(by_status{false, true}, cancel_action::interrupt, "lost",
                   now)
        .matched;
    },
    [](const result<std::uint64_t>&) {});
  settle();
  for (const auto& run : running)
    CHECK(work_of(run).cancels.empty());
  advance(1s);
  for (const auto& run : running) {
    REQUIRE(work_of(run).cancels.size() == 1);
    finish(run, worker::end_outcome::cancelled);
  }
  advance(3s); // It is told once.
  for (std::size_t i = 0; i < 2; ++i)
    CHECK(status(threads[i], running[i]) == run_status::interrupted);
}
