#include "tests/house/fixture.hpp"

// The stop ladder: signal, press at half of the grace, kill at its end.

using namespace heddle;
using namespace heddle::test;
using namespace std::chrono_literals;
using outcome = cancel_receipt::outcome;

namespace {

struct ladder_test : fixture {
  thread_id home = make_thread();
  thread_id next_door = make_thread();
};

} // namespace

TEST_CASE_METHOD(ladder_test, "a run that ignores its cancel is killed on time",
                 "[actors][ladder]") {
  auto run = create(home);
  auto waits
    = cancel(home, {run}, cancel_action::interrupt, answer_after::effect);
  settle();
  auto& process = *where(run);
  CHECK(work_of(run).cancels.at(0).deadline == opts.stop_grace);
  advance(opts.stop_grace / 2 - 1ms);
  CHECK(work_of(run).raises == 0);
  advance(1ms);
  CHECK(work_of(run).raises == 1);
  advance(opts.stop_grace / 2 - 1ms);
  CHECK(!process.killed);
  advance(1ms);
  CHECK(process.killed);
  CHECK(outcomes(waits) == std::vector{outcome::interrupted});
  CHECK(status(home, run) == run_status::interrupted);
  CHECK(slots_used() == 0);
}

TEST_CASE_METHOD(ladder_test, "the deadline is that of the first cancel",
                 "[actors][ladder]") {
  auto run = create(home);
  cancel(home, {run});
  settle();
  advance(opts.stop_grace - 1ms);
  cancel(home, {run}, cancel_action::rollback);
  settle();
  CHECK(!where(run)->killed);
  advance(1ms);
  CHECK(workers().all.front()->killed);
  CHECK(!row(run));
}

TEST_CASE_METHOD(ladder_test, "the effect waits for the process's exit",
                 "[actors][ladder]") {
  auto run = create(home);
  auto waiting = create(home);
  where(run)->dies_at_once = false;
  auto& process = *where(run);
  cancel(home, {run});
  advance(opts.stop_grace);
  REQUIRE(process.killed);
  CHECK(status(home, run) == run_status::running);
  put(run, "last", "1"); // Sent before it died: it counts.
  settle();
  CHECK(starts(waiting) == 0);
  process.die("killed");
  settle();
  CHECK(status(home, run) == run_status::interrupted);
  CHECK(starts(waiting) == 1);
  CHECK(state_of(home).find("last") != std::string::npos);
}

TEST_CASE_METHOD(ladder_test,
                 "neighbours of a run that does not stop move away",
                 "[actors][ladder]") {
  auto run = create(home);
  auto neighbour = create(next_door);
  REQUIRE(where(run) == where(neighbour));
  auto& first = *where(run);
  cancel(home, {run});
  advance(opts.stop_grace / 2);
  CHECK(work_of(neighbour).drains == 1);
  CHECK(work_of(run).drains == 0);

  finish(neighbour, worker::end_outcome::drained);
  settle();
  CHECK(status(next_door, neighbour) == run_status::pending);
  advance(opts.stop_grace / 2);
  CHECK(first.gone);
  CHECK(starts(neighbour) == 2); // In the process that took its place.
  CHECK(row(neighbour)->strikes == 0);
  finish(neighbour);
  settle();
  CHECK(status(next_door, neighbour) == run_status::success);
}

TEST_CASE_METHOD(ladder_test, "a kill for a neighbour's sake is no strike",
                 "[actors][ladder]") {
  auto run = create(home);
  auto neighbour = create(next_door);
  put(neighbour, "c1", "1");
  cancel(home, {run});
  advance(opts.stop_grace);
  CHECK(status(home, run) == run_status::interrupted);
  CHECK(starts(neighbour) == 2);
  CHECK(row(neighbour)->strikes == 0);
  CHECK(work_of(neighbour).run->resume); // From its checkpoint.
  CHECK(work_of(neighbour).run->attempt == 2);
}

TEST_CASE_METHOD(ladder_test, "one kill serves all cancelled runs of a process",
                 "[actors][ladder]") {
  auto run = create(home);
  auto other = create(next_door);
  auto& process = *where(run);
  cancel(home, {run});
  settle();
  advance(500ms);
  cancel(next_door, {other}, cancel_action::rollback);
  advance(opts.stop_grace - 500ms);
  CHECK(process.killed);
  CHECK(status(home, run) == run_status::interrupted);
  CHECK(!row(other));
  CHECK(world::home().env().counters.worker_kills == 1);
}

TEST_CASE_METHOD(ladder_test, "a process that was pressed takes runs again",
                 "[actors][ladder]") {
  auto run = create(home);
  cancel(home, {run});
  advance(opts.stop_grace / 2);
  auto later = create(next_door);
  CHECK(starts(later) == 0); // No new runs in there.
  finish(run, worker::end_outcome::cancelled);
  settle();
  CHECK(starts(later) == 1);
}

TEST_CASE_METHOD(ladder_test, "what lingers after a normal end is killed",
                 "[actors][ladder]") {
  auto run = create(home);
  auto& process = *where(run);
  process.end(work_of(run).no, worker::end_outcome::success);
  settle();
  CHECK(status(home, run) == run_status::success); // It need not wait.
  CHECK(slots_used() == 1);
  advance(opts.stop_grace);
  CHECK(process.killed);
  CHECK(slots_used() == 0);
}

TEST_CASE_METHOD(ladder_test, "a run that swallows its cancel is cancelled",
                 "[actors][ladder]") {
  auto run = create(home);
  cancel(home, {run});
  settle();
  finish(run, worker::end_outcome::success);
  settle();
  CHECK(status(home, run) == run_status::interrupted);
}

TEST_CASE_METHOD(ladder_test, "a run that fails while it stops is cancelled",
                 "[actors][ladder]") {
  auto run = create(home);
  auto [reader, place] = follow(home, run);
  cancel(home, {run});
  settle();
  finish(run, worker::end_outcome::error);
  settle();
  CHECK(status(home, run) == run_status::interrupted);
  CHECK(reader->data("error").empty());
  CHECK(reader->over());
}

TEST_CASE_METHOD(ladder_test, "checkpoints count after an interrupt only",
                 "[actors][ladder]") {
  auto run = create(home);
  cancel(home, {run});
  settle();
  put(run, "late", "1");
  settle();
  CHECK(state_of(home).find("late") != std::string::npos);
  CHECK(work_of(run).refused.empty());
  finish(run, worker::end_outcome::cancelled);
  settle();

  auto second = create(home, {.durability = durability::sync});
  auto before = state_of(home);
  cancel(home, {second}, cancel_action::rollback);
  settle();
  put(second, "later", "2");
  settle();
  REQUIRE(work_of(second).refused.size() == 1);
  CHECK(work_of(second).refused[0].second == worker::refusal::stopping);
  finish(second, worker::end_outcome::cancelled);
  settle();
  CHECK(state_of(home).find("later") == std::string::npos);
}

TEST_CASE_METHOD(ladder_test, "a run that takes too long ends as timed out",
                 "[actors][ladder]") {
  auto run = create(home);
  auto [reader, place] = follow(home, run);
  settle();
  advance(opts.run_timeout);
  REQUIRE(work_of(run).cancels.size() == 1);
  CHECK(work_of(run).cancels[0].action == worker::stop_action::timeout);
  finish(run, worker::end_outcome::cancelled);
  settle();
  CHECK(status(home, run) == run_status::timeout);
  CHECK(thread(home)->status == thread_status::error);
  REQUIRE(reader->data("error").size() == 1);
  CHECK(reader->data("error")[0].find("TimeoutError") != std::string::npos);
}

TEST_CASE_METHOD(ladder_test, "a cancel wins over a timeout",
                 "[actors][ladder]") {
  auto run = create(home);
  advance(opts.run_timeout);
  auto got = cancel(home, {run});
  settle();
  CHECK(got.ok());
  advance(opts.stop_grace);
  CHECK(status(home, run) == run_status::interrupted);
}

TEST_CASE_METHOD(ladder_test, "a process that dies while a run stops is enough",
                 "[actors][ladder]") {
  auto run = create(home);
  auto got = cancel(home, {run}, cancel_action::rollback, answer_after::effect);
  settle();
  where(run)->die("signal 11");
  settle();
  CHECK(outcomes(got) == std::vector{outcome::rolled_back});
  CHECK(!row(run));
  CHECK(starts(run) == 1);
}
