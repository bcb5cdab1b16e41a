#include "actors/scheduler.hpp"

#include "runtime/runtime.hpp"

#include "tests/actors/spawning.hpp"
#include "tests/catch.hpp"

#include <caf/all.hpp>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <thread>

using namespace heddle;
using namespace std::chrono_literals;

namespace {

/// A job that is no actor, with an answer of our choice.
class plain_job final : public caf::ref_counted, public caf::resumable {
public:
  plain_job(resume_result answer, std::atomic<int>& alive,
            std::promise<void>* ran)
    : answer_(answer), alive_(alive), ran_(ran) {
    ++alive_;
  }
  ~plain_job() override { --alive_; }

  resume_result resume(caf::execution_unit*, std::size_t) override {
    if (ran_)
      ran_->set_value();
    return answer_;
  }

  void intrusive_ptr_add_ref_impl() override { ref(); }
  void intrusive_ptr_release_impl() override { deref(); }

private:
  resume_result answer_;
  std::atomic<int>& alive_;
  std::promise<void>* ran_;
};

/// Wakes itself without end, until it is told to exit.
caf::behavior restless(caf::event_based_actor* self, std::atomic<long>* turns) {
  self->send(self, 1);
  return {[self, turns](int n) {
    ++*turns;
    self->send(self, n);
  }};
}

} // namespace

TEST_CASE("a job is released, also one that asks its thread to end",
          "[actors][scheduler]") {
  runtime rt{1};
  actors::config cfg{rt};
  caf::actor_system sys{cfg};
  std::atomic<int> alive{0};
  for (auto answer : {caf::resumable::shutdown_execution_unit,
                      caf::resumable::done, caf::resumable::awaiting_message}) {
    std::promise<void> ran;
    sys.scheduler().enqueue(new plain_job{answer, alive, &ran});
    ran.get_future().wait();
  }
  // The shard goes on: the last job's release is over when this has run.
  std::promise<void> after;
  rt.run_on(0, [&after] { after.set_value(); });
  after.get_future().wait();
  CHECK(alive == 0);
}

TEST_CASE("an actor system ends while its actors are busy",
          "[actors][scheduler]") {
  runtime rt{2};
  std::atomic<long> turns{0};
  {
    actors::config cfg{rt};
    caf::actor_system sys{cfg};
    std::vector<caf::actor> all;
    for (int i = 0; i < 50; ++i)
      all.push_back(sys.spawn(restless, &turns));
    while (turns < 1000)
      std::this_thread::yield();
    for (auto& one : all)
      caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
  }
  auto at_end = turns.load();
  std::promise<void> after;
  rt.run_on(0, [&after] { after.set_value(); });
  after.get_future().wait();
  CHECK(turns == at_end);
}

TEST_CASE("jobs that are queued when the system ends are released",
          "[actors][scheduler]") {
  runtime rt{2};
  std::atomic<int> alive{0};
  {
    actors::config cfg{rt};
    caf::actor_system sys{cfg};
    for (int i = 0; i < 100; ++i) // Each would run for ever.
      sys.scheduler().enqueue(
        new plain_job{caf::resumable::resume_later, alive, nullptr});
    CHECK(alive == 100);
  }
  CHECK(alive == 0);
}

TEST_CASE("hidden actors do not outlive their system", "[actors][scheduler]") {
  runtime rt{2};
  auto held = std::make_shared<int>();
  {
    actors::config cfg{rt};
    caf::actor_system sys{cfg};
    auto one = test::spawn<caf::hidden>(
      sys, [held](caf::event_based_actor*) -> caf::behavior {
        return {[held](int) {}};
      });
    caf::anon_send(one, 1);
  }
  CHECK(held.use_count() == 1);
}

TEST_CASE("a system can end after shards have spawned into it",
          "[actors][scheduler]") {
  runtime rt{2};
  actors::config cfg{rt};
  caf::actor_system sys{cfg};
  for (std::size_t shard : {0U, 1U}) {
    std::promise<void> spawned;
    rt.run_on(shard, [&] {
      test::spawn(sys, [](caf::event_based_actor*) -> caf::behavior {
        return {[](int) {}};
      });
      spawned.set_value();
    });
    spawned.get_future().wait();
  }
  SUCCEED("the end is the test: it must not wait for ever");
}

TEST_CASE("many systems live on one runtime, one after the other",
          "[actors][scheduler]") {
  runtime rt{2};
  for (int i = 0; i < 50; ++i) {
    std::promise<int> got;
    actors::config cfg{rt};
    caf::actor_system sys{cfg};
    auto one
      = test::spawn(sys, [&got](caf::event_based_actor* self) -> caf::behavior {
          return {[&got, self](int n) {
            got.set_value(n);
            self->quit();
          }};
        });
    caf::anon_send(one, i);
    CHECK(got.get_future().get() == i);
  }
}

TEST_CASE("two systems share a runtime at the same time",
          "[actors][scheduler]") {
  runtime rt{2};
  actors::config first_cfg{rt};
  actors::config second_cfg{rt};
  caf::actor_system first{first_cfg};
  std::optional<caf::actor_system> second;
  second.emplace(second_cfg);
  std::atomic<long> turns{0};
  auto one = first.spawn(restless, &turns);
  auto other = second->spawn(restless, &turns);
  while (turns < 1000)
    std::this_thread::yield();
  caf::anon_send_exit(other, caf::exit_reason::user_shutdown);
  other = nullptr;
  second.reset();
  auto before = turns.load();
  while (turns < before + 1000) // The first one goes on.
    std::this_thread::yield();
  caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
}
