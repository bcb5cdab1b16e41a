#include "worker/native/pool.hpp"

#include "tests/catch.hpp"
#include "tests/worker/door.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

// The threads of C++ graphs: bounded, and a job that does not return costs one
// thread and nobody else's time.

using namespace std::chrono_literals;
using heddle::worker::native::pool;
using heddle::worker::test::door;
using kind = pool::kind;

namespace {

/// Counts, and waits for the count.
class tally {
public:
  void add() {
    std::lock_guard guard{state_->mutex};
    ++state_->count;
    state_->changed.notify_all();
  }

  bool reaches(int count) {
    std::unique_lock lock{state_->mutex};
    return state_->changed.wait_for(lock, 20s,
                                    [&] { return state_->count >= count; });
  }

  int now() const {
    std::lock_guard guard{state_->mutex};
    return state_->count;
  }

private:
  struct state {
    std::mutex mutex;
    std::condition_variable changed;
    int count = 0;
  };
  std::shared_ptr<state> state_ = std::make_shared<state>();
};

const int a = 1;
const int b = 2;

} // namespace

TEST_CASE("no more nodes run at once than there are threads",
          "[worker][native]") {
  pool some{{2, 2}};
  door shut;
  for (int i = 0; i < 5; ++i)
    some.post(kind::node, &a, [shut]() mutable { shut.pass(); });
  REQUIRE(shut.crowd(2));

  // Steps still get through, and a node more does not.
  tally steps;
  for (int i = 0; i < 3; ++i)
    some.post(kind::step, &a, [steps]() mutable { steps.add(); });
  CHECK(steps.reaches(3));
  CHECK(shut.crowd(2));
  shut.open();
  CHECK(some.stop(20s) == 0);
}

TEST_CASE("a thread that is stuck is replaced, within the limit",
          "[worker][native]") {
  pool some{{1, 1}};
  tally back;
  some.when_back([back]() mutable { back.add(); });
  door first;
  door second;
  tally ran;
  some.post(kind::node, &a, [first]() mutable { first.pass(); });
  REQUIRE(first.crowd(1));
  some.post(kind::node, &b, [second]() mutable { second.pass(); });

  CHECK(some.give_up(&b) == 0); // It has not begun.
  CHECK(some.give_up(&a) == 1);
  CHECK(some.give_up(&a) == 0);
  CHECK(some.stuck() == 1);
  CHECK(!some.exhausted());
  REQUIRE(second.crowd(1)); // On the thread that stands in.

  CHECK(some.give_up(&b) == 1);
  CHECK(some.exhausted());
  some.post(kind::node, &b, [ran]() mutable { ran.add(); });
  CHECK(ran.now() == 0);

  second.open();
  CHECK(back.reaches(1));
  CHECK(ran.reaches(1));
  CHECK(!some.exhausted());
  first.open();
  CHECK(back.reaches(2));
  CHECK(some.stuck() == 0);
  CHECK(some.stop(20s) == 0);
}

TEST_CASE("the end of a pool does not wait for who is stuck",
          "[worker][native]") {
  door shut;
  auto left = std::make_shared<int>(1);
  {
    pool some{{2, 2}};
    some.post(kind::node, &a, [shut, left]() mutable { shut.pass(); });
    REQUIRE(shut.crowd(1));
    some.give_up(&a);
    auto begun = std::chrono::steady_clock::now();
    CHECK(some.stop(60s) == 1);
    CHECK(std::chrono::steady_clock::now() - begun < 20s);
    tally late;
    some.post(kind::step, &b, [late]() mutable { late.add(); });
    CHECK(late.now() == 0);
  }
  // What it holds lives on, and goes when it ends.
  CHECK(left.use_count() == 2);
  shut.open();
  for (int i = 0; i < 2000 && left.use_count() > 1; ++i)
    std::this_thread::sleep_for(10ms);
  CHECK(left.use_count() == 1);
}

TEST_CASE("what follows a job runs after it on the same thread",
          "[worker][native]") {
  pool some{{1, 1}};
  tally done;
  std::atomic<int> depth{0};
  std::atomic<bool> nested{false};
  std::function<void(int)> next = [&](int left) {
    if (++depth > 1)
      nested = true;
    if (left > 0)
      some.follow_up(kind::node, &a, [&next, left] { next(left - 1); });
    --depth;
    done.add();
  };
  some.post(kind::node, &a, [&next] { next(1000); });
  CHECK(done.reaches(1001));
  CHECK(!nested);
  CHECK(some.stop(20s) == 0);
}
