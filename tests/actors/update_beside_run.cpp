#include "tests/house/fixture.hpp"

// A client's update beside a start or an end that is committed and not yet
// heard of.

using namespace heddle;
using namespace heddle::test;
using namespace std::chrono_literals;

namespace {

/// Keeps the answers to ordinary writes back, as a slow thread would.
class late_gate final : public store_gate {
public:
  using store_gate::store_gate;

  void write(lane where, std::function<void(write_tx&)> op,
             std::function<void(result<commit_number>)> done) override {
    if (!holding || where != lane::normal)
      return store_gate::write(where, std::move(op), std::move(done));
    store_gate::write(where, std::move(op), [this, done](auto outcome) {
      held.push_back([done, outcome] { done(outcome); });
    });
  }

  void release() {
    holding = false;
    for (auto& answer : std::exchange(held, {}))
      answer();
  }

  bool holding = false;
  std::vector<std::function<void()>> held;
};

struct late_answers : fixture {
  late_answers() {
    crash();
    make_gate = [this](stepped_store& behind) {
      auto made = std::make_unique<late_gate>(behind);
      gate = made.get();
      return made;
    };
    boot();
    home = make_thread();
    finish(create(home));
    settle();
  }

  late_gate* gate = nullptr;
  thread_id home;
};

} // namespace

TEST_CASE_METHOD(late_answers, "an update waits for a start under way",
                 "[actors][update]") {
  auto run = create(home, {.after = 10s});
  auto before = state_of(home);
  gate->holding = true;
  advance(11s);
  REQUIRE(status(home, run) == run_status::running);
  // From now on it reads as absent.
  auto got = cancel(home, {run}, cancel_action::rollback);
  slot<json_text> done;
  api().update_state(home, {json_text{R"({"ch":5})"}, {}, {}}, done.fill());
  settle();
  CHECK(!done.answered());

  gate->release();
  settle();
  CHECK(done.failure() == errc::conflict);
  CHECK(got.ok());
  CHECK(state_of(home) == before);
}

TEST_CASE_METHOD(late_answers, "an update waits for an end under way",
                 "[actors][update]") {
  auto run = create(home);
  settle();
  gate->holding = true;
  finish(run);
  settle();
  REQUIRE(status(home, run) == run_status::success);
  slot<json_text> done;
  api().update_state(home, {json_text{R"({"ch":5})"}, {}, {}}, done.fill());
  settle();
  CHECK(!done.answered());

  gate->release();
  settle();
  CHECK(!done.answered()); // Not refused: the graph is asked.
  auto& process = *workers().all.front();
  auto asked = process.works().rbegin()->second;
  REQUIRE(asked.question);
  process.put(asked.no, "u1", "5");
  process.answer(asked.no,
                 json_text{R"({"checkpoint":{"checkpoint_id":"u1"}})"});
  process.clean(asked.no);
  settle();
  INFO(done.text());
  CHECK(done.ok());
}
