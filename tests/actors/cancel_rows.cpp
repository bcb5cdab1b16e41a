#include "tests/house/fixture.hpp"

// A cancel on a thread on which nothing is in motion goes to the rows at once.
// What comes to life meanwhile must learn of it all the same.

using namespace heddle;
using namespace heddle::test;
using namespace std::chrono_literals;
using outcome = cancel_receipt::outcome;

namespace {

/// Keeps urgent writes back, as a thread does that is not scheduled.
class slow_gate final : public store_gate {
public:
  using store_gate::store_gate;

  void write(lane where, std::function<void(write_tx&)> op,
             std::function<void(result<commit_number>)> done) override {
    auto go = [this, where, op = std::move(op), done = std::move(done)] {
      store_gate::write(where, op, done);
    };
    if (holding && where == lane::urgent)
      held.push_back(std::move(go));
    else
      go();
  }

  void release() {
    holding = false;
    for (auto& go : std::exchange(held, {}))
      go();
  }

  bool holding = false;
  std::vector<std::function<void()>> held;
};

struct row_cancel : fixture {
  row_cancel() {
    crash();
    make_gate = [this](stepped_store& behind) {
      auto made = std::make_unique<slow_gate>(behind);
      slow = made.get();
      return made;
    };
    boot();
    home = make_thread();
  }

  slow_gate* slow = nullptr;
  thread_id home;
};

} // namespace

TEST_CASE_METHOD(row_cancel, "a cancel of a waiting run wakes no actor",
                 "[actors][cancel]") {
  auto run = create(home, {.after = 1h});
  REQUIRE(thread_actors() == 0);
  auto got = cancel(home, {run, run_id{}});
  deliver();
  CHECK(thread_actors() == 0);
  commit();
  CHECK(outcomes(got) == std::vector{outcome::interrupted, outcome::not_found});
  CHECK(thread_actors() == 0);
  CHECK(status(home, run) == run_status::interrupted);
}

TEST_CASE_METHOD(row_cancel, "the run behind it may start",
                 "[actors][cancel]") {
  auto blocker = create(home, {.after = 10s});
  auto next = create(home, {.after = 20s});
  advance(15s); // The first executes.
  finish(blocker);
  settle();
  auto third = create(home, {.after = 30s});
  auto got = cancel(home, {next});
  settle();
  CHECK(outcomes(got) == std::vector{outcome::interrupted});
  advance(60s);
  CHECK(starts(next) == 0);
  CHECK(starts(third) == 1);
}

TEST_CASE_METHOD(row_cancel, "who joins while the rows are asked hears the end",
                 "[actors][cancel]") {
  auto run = create(home, {.after = 1h});
  auto got = cancel(home, {run});
  auto [reader, place] = follow(home, run);
  deliver(); // It has joined; its look at the rows is still to be done.
  rows.run_reads();
  deliver(); // They said that it waits.
  CHECK(!reader->last);
  settle();
  CHECK(got.ok());
  CHECK(reader->over());
}

TEST_CASE_METHOD(row_cancel, "a run that starts while the rows are asked stops",
                 "[actors][cancel]") {
  for (auto after : {answer_after::intent, answer_after::effect}) {
    auto first = create(home, {.after = 10s});
    auto second = create(home, {.after = 2h});
    slow->holding = true;
    auto got = cancel(home, {second, first}, cancel_action::interrupt, after);
    deliver();
    REQUIRE(slow->held.size() == 1);
    advance(11s);
    REQUIRE(status(home, first) == run_status::running);
    slow->release();
    settle();
    CHECK(work_of(first).cancels.size() == 1);
    CHECK(got.answered() == (after == answer_after::intent));
    finish(first, worker::end_outcome::cancelled);
    settle();
    CHECK(outcomes(got)
          == std::vector{outcome::interrupted, after == answer_after::intent
                                                 ? outcome::stopping
                                                 : outcome::interrupted});
    CHECK(status(home, first) == run_status::interrupted);
    CHECK(status(home, second) == run_status::interrupted);
  }
}

TEST_CASE_METHOD(row_cancel, "a live thread knows which runs never were",
                 "[actors][cancel]") {
  auto run = create(home);
  auto unknown = run_id{uuid_bytes{1}};
  auto first = cancel(home, {unknown});
  settle(); // Asks the rows, and remembers.
  auto got = cancel(home, {unknown});
  deliver();
  CHECK(got.answered());
  CHECK(!got.ok());
  CHECK(rows.queued_writes() == 0);

  auto later = create(home); // What comes after the look is known too.
  auto both = cancel(home, {unknown, later});
  settle();
  CHECK(outcomes(both)
        == std::vector{outcome::not_found, outcome::interrupted});
  finish(run);
  settle();
}
