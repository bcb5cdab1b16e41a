#include "actors/scheduler.hpp"

#include "runtime/runtime.hpp"

#include "tests/actors/spawning.hpp"
#include "tests/catch.hpp"

#include <caf/all.hpp>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

using namespace heddle;
using namespace std::chrono_literals;

namespace {

constexpr auto patience = 20s;

/// A runtime and an actor system on it, ended in the right order.
struct world {
  runtime rt{2};
  actors::config cfg{rt};
  caf::actor_system sys{cfg};
};

/// Something that is awaited from the test's thread.
template <class T>
struct box {
  std::promise<T> made;
  std::future<T> result = made.get_future();

  T get() {
    REQUIRE(result.wait_for(patience) == std::future_status::ready);
    return result.get();
  }
};

/// Counts down, and tells when it is at zero.
class countdown {
public:
  explicit countdown(int from) : left_(from) {}

  void hit() {
    if (--left_ == 0)
      zero_.made.set_value(true);
  }

  bool reached() { return zero_.get(); }
  int left() const { return left_; }

private:
  std::atomic<int> left_;
  box<bool> zero_;
};

caf::behavior counting(caf::event_based_actor*, countdown* count) {
  return {[count](int) { count->hit(); }};
}

caf::behavior ponging(caf::event_based_actor*) {
  return {[](int n) { return n; }};
}

caf::behavior pinging(caf::event_based_actor* self, caf::actor peer, int rounds,
                      countdown* count) {
  self->send(peer, rounds);
  return {[self, peer, count](int n) {
    count->hit();
    if (n > 1)
      self->send(peer, n - 1);
    else
      self->quit();
  }};
}

} // namespace

TEST_CASE_METHOD(world, "actors run on the runtime's threads, and only there",
                 "[actors][scheduler]") {
  constexpr int actors_count = 200;
  std::mutex mutex;
  std::set<std::size_t> shards;
  countdown count{actors_count};
  for (int i = 0; i < actors_count; ++i) {
    auto one = test::spawn(sys, [&](caf::event_based_actor*) -> caf::behavior {
      return {[&](int) {
        {
          std::lock_guard guard{mutex};
          shards.insert(rt.current_shard());
        }
        count.hit();
      }};
    });
    caf::anon_send(one, 1);
  }
  CHECK(count.reached());
  CHECK(shards == std::set<std::size_t>{0, 1});
}

TEST_CASE_METHOD(world, "a message from a shard's thread stays on that shard",
                 "[actors][scheduler]") {
  for (std::size_t shard : {0U, 1U, 0U}) {
    box<std::size_t> seen;
    rt.run_on(shard, [&] {
      auto one
        = test::spawn(sys, [&](caf::event_based_actor*) -> caf::behavior {
            return {[&](int) { seen.made.set_value(rt.current_shard()); }};
          });
      caf::anon_send(one, 1);
    });
    CHECK(seen.get() == shard);
  }
}

TEST_CASE_METHOD(world, "two actors play ping-pong", "[actors][scheduler]") {
  constexpr int rounds = 20'000;
  countdown count{rounds};
  sys.spawn(pinging, test::spawn(sys, ponging), rounds, &count);
  CHECK(count.reached());
}

TEST_CASE_METHOD(world, "requests are answered across shards",
                 "[actors][scheduler]") {
  auto server = test::spawn(sys, ponging);
  box<int> sum;
  test::spawn(sys, [&](caf::event_based_actor* self) {
    auto total = std::make_shared<int>(0);
    for (int i = 1; i <= 100; ++i)
      self->request(server, 10s, i).then([&sum, total](int got) {
        *total += got;
        if (*total == 5050)
          sum.made.set_value(*total);
      });
  });
  CHECK(sum.get() == 5050);
}

TEST_CASE_METHOD(world, "a fan-out reaches ten thousand actors",
                 "[actors][scheduler]") {
  constexpr int actors_count = 10'000;
  countdown count{2 * actors_count};
  std::vector<caf::actor> all;
  for (int i = 0; i < actors_count; ++i)
    all.push_back(sys.spawn(counting, &count));
  for (auto& one : all) // From outside.
    caf::anon_send(one, 1);
  test::spawn(sys, [&](caf::event_based_actor* self) { // From an actor.
    for (auto& one : all)
      self->send(one, 1);
  });
  CHECK(count.reached());
}

TEST_CASE_METHOD(world, "many threads may send at once",
                 "[actors][scheduler]") {
  constexpr int senders = 4;
  constexpr int each = 5000;
  countdown count{senders * each};
  auto one = sys.spawn(counting, &count);
  std::vector<std::thread> threads;
  for (int i = 0; i < senders; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < each; ++n)
        caf::anon_send(one, n);
    });
  for (auto& t : threads)
    t.join();
  CHECK(count.reached());
}

TEST_CASE_METHOD(world, "delayed messages arrive, not too early",
                 "[actors][scheduler]") {
  box<std::chrono::steady_clock::duration> waited;
  auto start = std::chrono::steady_clock::now();
  auto one
    = test::spawn(sys, [&](caf::event_based_actor* self) -> caf::behavior {
        self->delayed_send(self, 40ms, 1);
        return {[&](int) {
          waited.made.set_value(std::chrono::steady_clock::now() - start);
        }};
      });
  CHECK(waited.get() >= 40ms);
}

TEST_CASE_METHOD(world, "a busy actor does not keep I/O or others waiting",
                 "[actors][scheduler]") {
  // It sends itself message after message, and never idles.
  // Static: the actors end with the system, after everything in this scope.
  static std::atomic<bool> over;
  static std::atomic<long> turns;
  over = false;
  for (std::size_t shard = 0; shard < rt.shards(); ++shard)
    rt.run_on(shard, [&] {
      auto hot
        = test::spawn(sys, [](caf::event_based_actor* self) -> caf::behavior {
            return {[self](int n) {
              ++turns;
              if (!over)
                self->send(self, n);
            }};
          });
      caf::anon_send(hot, 1);
    });
  for (int i = 0; i < 20; ++i) {
    box<bool> ran;
    rt.run_on(i % 2, [&] { ran.made.set_value(true); });
    CHECK(ran.get());
    countdown other{1};
    caf::anon_send(sys.spawn(counting, &other), 1);
    CHECK(other.reached());
  }
  over = true;
  CHECK(turns > 0);
}

TEST_CASE_METHOD(world, "drain_now runs at once what was sent on this shard",
                 "[actors][scheduler]") {
  box<int> seen;
  rt.run_on(0, [&] {
    int handled = 0;
    auto one = test::spawn(sys, [&](caf::event_based_actor*) -> caf::behavior {
      return {[&](int n) { handled += n; }};
    });
    caf::anon_send(one, 7);
    auto before = handled;
    actors::drain_now(sys);
    seen.made.set_value(before == 0 ? handled : -1);
    caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
    actors::drain_now(sys);
  });
  CHECK(seen.get() == 7);
  actors::drain_now(sys); // Not a shard's thread: nothing.
}

TEST_CASE_METHOD(world, "drain_now within an actor does nothing",
                 "[actors][scheduler]") {
  box<bool> nested;
  rt.run_on(0, [&] {
    auto inner_ran = std::make_shared<bool>(false);
    auto inner
      = test::spawn(sys, [inner_ran](caf::event_based_actor*) -> caf::behavior {
          return {[inner_ran](int) { *inner_ran = true; }};
        });
    auto outer = test::spawn(sys,
                             [&nested, inner_ran, inner](
                               caf::event_based_actor* self) -> caf::behavior {
                               return {[&nested, inner_ran, inner, self](int) {
                                 self->send(inner, 1);
                                 actors::drain_now(self->system());
                                 nested.made.set_value(*inner_ran);
                               }};
                             });
    caf::anon_send(outer, 1);
    actors::drain_now(sys);
  });
  CHECK_FALSE(nested.get());
}
