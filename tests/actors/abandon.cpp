#include "tests/house/fixture.hpp"

// The end of the ladder where nothing can be killed: the run is given up alone.

using namespace heddle;
using namespace heddle::test;
using namespace std::chrono_literals;
using outcome = cancel_receipt::outcome;

namespace {

struct alone_test : fixture {
  alone_test() {
    crash();
    on_life = nullptr;
    boot();
    for (auto& process : workers().all)
      process->gives_up_alone = true;
  }

  thread_id home = make_thread();
  thread_id next_door = make_thread();
};

} // namespace

TEST_CASE_METHOD(alone_test, "a run that does not stop is given up alone",
                 "[actors][ladder][abandon]") {
  auto run = create(home);
  auto neighbour = create(next_door);
  auto waits
    = cancel(home, {run}, cancel_action::interrupt, answer_after::effect);
  settle();
  auto& process = *where(run);
  advance(opts.stop_grace - 1ms);
  CHECK(!waits.answered());
  CHECK(work_of(neighbour).drains == 0);
  advance(1ms);
  CHECK(outcomes(waits) == std::vector{outcome::interrupted});
  CHECK(status(home, run) == run_status::interrupted);
  CHECK(!process.killed);
  CHECK(status(next_door, neighbour) == run_status::running);
  CHECK(slots_used() == 1);

  // Its node goes on: nobody hears it, and nothing of it is kept.
  auto before = state_of(home);
  put(run, "late", "1");
  event(run, "1");
  settle();
  CHECK(state_of(home) == before);
  finish(neighbour);
  settle();
  CHECK(status(next_door, neighbour) == run_status::success);
  CHECK(workers().all.size() == 1);
}

TEST_CASE_METHOD(alone_test, "a rollback of such a run is exact, and in time",
                 "[actors][ladder][abandon]") {
  auto first = create(home);
  put(first, "a", "1");
  finish(first);
  settle();
  auto before = state_of(home);
  auto run = create(home);
  put(run, "b", "2");
  settle();
  cancel(home, {run}, cancel_action::rollback);
  advance(opts.stop_grace);
  CHECK(!row(run));
  CHECK(state_of(home) == before);
  put(run, "c", "3");
  settle();
  CHECK(state_of(home) == before);
  CHECK(slots_used() == 0);
}

TEST_CASE_METHOD(alone_test, "what lingers after its end is given up, too",
                 "[actors][ladder][abandon]") {
  auto run = create(home);
  auto second = create(home);
  where(run)->end(work_of(run).no, worker::end_outcome::success);
  settle();
  CHECK(status(home, run) == run_status::success);
  advance(opts.stop_grace);
  CHECK(starts(second) == 1);
  CHECK(!where(second)->killed);
  CHECK(work_of(run).abandoned);
}

TEST_CASE_METHOD(alone_test, "an answer that does not come costs its slot only",
                 "[actors][abandon]") {
  auto neighbour = create(next_door);
  auto run = create(home);
  finish(run);
  settle();
  state_update what;
  what.values = json_text{R"({"n":1})"};
  slot<json_text> got;
  api().update_state(home, what, got.fill());
  settle();
  advance(31s);
  CHECK(got.failure() == errc::unavailable);
  CHECK(slots_used() == 1);
  CHECK(status(next_door, neighbour) == run_status::running);
  finish(neighbour);
  settle();
}
