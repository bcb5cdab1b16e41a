#include "tests/house/fixture.hpp"

// What a new run does about the ones in flight, and how runs are created.

using namespace heddle;
using namespace heddle::test;
using namespace std::chrono_literals;

namespace {

struct multitask_test : fixture {
  thread_id home = make_thread();
};

} // namespace

TEST_CASE_METHOD(multitask_test, "`reject` refuses and leaves no row",
                 "[actors][multitask]") {
  auto run = create(home);
  auto second = ask_run(home, {.multitask = multitask_strategy::reject});
  settle();
  CHECK(second.failure() == errc::conflict);
  CHECK(second.text().find("already running a task") != std::string::npos);
  finish(run);
  settle();
  CHECK(thread(home)->status == thread_status::idle);
  CHECK(thread_actors() == 0);
}

TEST_CASE_METHOD(multitask_test, "of two that reject exactly one wins",
                 "[actors][multitask]") {
  auto one = ask_run(home, {.multitask = multitask_strategy::reject});
  auto two = ask_run(home, {.multitask = multitask_strategy::reject});
  settle();
  CHECK(one.ok());
  CHECK(two.failure() == errc::conflict);
}

TEST_CASE_METHOD(multitask_test, "`enqueue` keeps the order of coming",
                 "[actors][multitask]") {
  auto first = ask_run(home);
  auto second = ask_run(home);
  auto third = ask_run(home);
  settle();
  CHECK(starts(first.value().run.id) == 1);
  finish(first.value().run.id);
  settle();
  CHECK(starts(second.value().run.id) == 1);
  CHECK(starts(third.value().run.id) == 0);
}

TEST_CASE_METHOD(multitask_test, "`interrupt` goes on from what was reached",
                 "[actors][multitask]") {
  auto old = create(home);
  auto waiting = create(home);
  put(old, "c1", R"({"n":1})");
  auto fresh = create(home, {.multitask = multitask_strategy::interrupt});
  CHECK(status(home, waiting) == run_status::interrupted);
  CHECK(work_of(old).cancels.size() == 1);
  CHECK(record(home, old)->cancel_reason
        == "superseded by run " + fresh.str()
             + " (multitask_strategy=interrupt)");
  CHECK(starts(fresh) == 0);

  finish(old, worker::end_outcome::cancelled);
  settle();
  CHECK(status(home, old) == run_status::interrupted);
  CHECK(starts(fresh) == 1);
  CHECK(starts(waiting) == 0);
  CHECK(state_of(home).find("c1") != std::string::npos);
}

TEST_CASE_METHOD(multitask_test, "`rollback` starts from before the old run",
                 "[actors][multitask]") {
  auto before = state_of(home);
  auto old = create(home);
  put(old, "c1", R"({"n":1})");
  auto fresh = create(home, {.multitask = multitask_strategy::rollback});
  CHECK(starts(fresh) == 0);
  finish(old, worker::end_outcome::cancelled);
  deliver();
  commit();
  CHECK(!row(old));
  settle();
  CHECK(starts(fresh) == 1);
  CHECK(!work_of(fresh).run->resume);
  cancel(home, {fresh}, cancel_action::rollback);
  finish(fresh, worker::end_outcome::cancelled);
  settle();
  CHECK(state_of(home) == before);
}

TEST_CASE_METHOD(multitask_test, "a deferred run blocks nobody",
                 "[actors][multitask]") {
  auto later = create(home, {.after = 5s});
  auto now = create(home);
  CHECK(starts(now) == 1);
  finish(now);
  advance(4999ms);
  CHECK(starts(later) == 0);
  advance(1ms);
  CHECK(starts(later) == 1);
  CHECK(slots_used() == 1);
}

TEST_CASE_METHOD(multitask_test, "a cancelled deferred run never starts",
                 "[actors][multitask]") {
  auto later = create(home, {.after = 5s});
  cancel(home, {later});
  settle();
  CHECK(status(home, later) == run_status::interrupted);
  advance(10s);
  CHECK(starts(later) == 0);
}

TEST_CASE_METHOD(multitask_test, "cancelling one in the queue skips nobody",
                 "[actors][multitask]") {
  auto first = create(home);
  auto second = create(home);
  auto third = create(home);
  cancel(home, {second}, cancel_action::rollback);
  settle();
  cancel(home, {first});
  settle();
  finish(first, worker::end_outcome::cancelled);
  settle();
  CHECK(starts(third) == 1);
  CHECK(starts(second) == 0);
}

TEST_CASE_METHOD(multitask_test, "runs wait for a slot in their order",
                 "[actors][dispatch]") {
  std::vector<run_id> runs;
  for (int i = 0; i < 6; ++i) {
    runs.push_back(create(make_thread()));
    time.pass(1ms);
  }
  CHECK(starts(runs[2]) == 1);
  CHECK(starts(runs[3]) == 0); // Three slots in one process.
  finish(runs[1]);
  settle();
  CHECK(starts(runs[3]) == 1);
  CHECK(starts(runs[4]) == 0);
}

TEST_CASE_METHOD(multitask_test, "a run on no thread is refused",
                 "[actors][create]") {
  auto made = ask_run(thread_id{ids.random()});
  settle();
  CHECK(made.failure() == errc::not_found);
  CHECK(slots_used() == 0);
  CHECK(thread_actors() == 0);
}

TEST_CASE_METHOD(multitask_test, "an update keeps runs from starting",
                 "[actors][update]") {
  auto run = create(home);
  finish(run);
  settle();
  slot<json_text> done;
  api().update_state(home, {json_text{R"({"ch":5})"}, {}, {}}, done.fill());
  settle();
  auto& process = *workers().all.front();
  auto asked = process.works().rbegin()->second;
  REQUIRE(asked.question);
  CHECK(asked.question->kind == "update");
  CHECK(!done.answered());

  auto second = create(home);
  CHECK(starts(second) == 0);
  CHECK(!process.killed); // An offer that is turned down costs nobody's life.
  process.put(asked.no, "u1", "5");
  process.answer(asked.no,
                 json_text{R"({"checkpoint":{"checkpoint_id":"u1"}})"});
  process.clean(asked.no);
  settle();
  CHECK(done.ok());
  CHECK(starts(second) == 1); // What was held back is offered again.
}

TEST_CASE_METHOD(multitask_test,
                 "an update is refused while a run is in flight",
                 "[actors][update]") {
  create(home);
  slot<json_text> done;
  api().update_state(home, {json_text{R"({"ch":5})"}, {}, {}}, done.fill());
  settle();
  CHECK(done.failure() == errc::conflict);
  CHECK(done.text().find("has in-flight runs") != std::string::npos);
}

TEST_CASE_METHOD(multitask_test, "a deleted run that still stops is in flight",
                 "[actors][update]") {
  auto before = state_of(home);
  auto run = create(home);
  erase(home, run);
  settle();
  slot<json_text> done;
  api().update_state(home, {json_text{R"({"ch":5})"}, {}, {}}, done.fill());
  settle();
  CHECK(done.failure() == errc::conflict);
  finish(run, worker::end_outcome::cancelled);
  settle();
  CHECK(state_of(home) == before);
}

TEST_CASE_METHOD(multitask_test, "a graph that never answers is given up",
                 "[actors][update]") {
  auto run = create(home);
  finish(run);
  settle();
  slot<json_text> done;
  api().update_state(home, {json_text{R"({"ch":5})"}, {}, {}}, done.fill());
  settle();
  auto second = create(home);
  advance(30s);
  CHECK(done.failure() == errc::unavailable);
  CHECK(starts(second) == 1);
  finish(second);
  settle();
  CHECK(slots_used() == 0);
}
