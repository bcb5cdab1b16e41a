#include "runtime/runtime.hpp"

#include "tests/catch.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <vector>

using heddle::runtime;
using namespace std::chrono_literals;

namespace {

constexpr auto patience = 10s;

template <class T>
T get(std::future<T> from) {
  REQUIRE(from.wait_for(patience) == std::future_status::ready);
  return from.get();
}

} // namespace

TEST_CASE("each shard has a thread of its own, which knows its number",
          "[runtime]") {
  runtime rt{3};
  REQUIRE(rt.shards() == 3);
  CHECK(rt.current_shard() == 3);
  std::vector<std::thread::id> ids;
  for (std::size_t i = 0; i < 3; ++i) {
    std::promise<std::pair<std::size_t, std::thread::id>> seen;
    auto result = seen.get_future();
    rt.run_on(i, [&rt, &seen] {
      seen.set_value({rt.current_shard(), std::this_thread::get_id()});
    });
    auto [shard, id] = get(std::move(result));
    CHECK(shard == i);
    CHECK(std::find(ids.begin(), ids.end(), id) == ids.end());
    ids.push_back(id);
  }
}

TEST_CASE("what one OS thread posts to a shard runs in that order",
          "[runtime]") {
  runtime rt{2};
  constexpr int posters = 4;
  constexpr int each = 5000;
  std::vector<std::vector<int>> seen(posters);
  std::vector<std::thread> threads;
  for (int p = 0; p < posters; ++p)
    threads.emplace_back([&rt, &seen, p] {
      for (int n = 0; n < each; ++n)
        rt.run_on(1, [&seen, p, n] { seen[p].push_back(n); });
    });
  for (auto& t : threads)
    t.join();
  rt.stop();
  for (const auto& of_one : seen) {
    CHECK(of_one.size() == each);
    CHECK(std::is_sorted(of_one.begin(), of_one.end()));
  }
}

TEST_CASE("run_on from the shard itself runs later, not at once", "[runtime]") {
  runtime rt{1};
  std::promise<std::vector<int>> done;
  auto result = done.get_future();
  auto order = std::make_shared<std::vector<int>>();
  rt.run_on(0, [&rt, &done, order] {
    rt.run_on(0, [&done, order] {
      order->push_back(2);
      done.set_value(*order);
    });
    order->push_back(1);
  });
  CHECK(get(std::move(result)) == std::vector<int>{1, 2});
}

TEST_CASE("a timer fires once, not before its time, on a runtime thread",
          "[runtime][timers]") {
  runtime rt{2};
  std::promise<std::size_t> fired;
  auto result = fired.get_future();
  auto start = std::chrono::steady_clock::now();
  CHECK(rt.after(30ms, [&] { fired.set_value(rt.current_shard()); }) != 0);
  CHECK(get(std::move(result)) < 2);
  CHECK(std::chrono::steady_clock::now() - start >= 30ms);
}

TEST_CASE("timers wait until they are cancelled or fire", "[runtime][timers]") {
  runtime rt{2};
  CHECK(rt.waiting() == 0);
  auto far = rt.after(1h, [] {});
  std::promise<std::size_t> fired;
  auto result = fired.get_future();
  rt.after(0ms, [&] { fired.set_value(rt.waiting()); });
  CHECK(get(std::move(result)) == 1);
  rt.cancel(far);
  CHECK(rt.waiting() == 0);
}

TEST_CASE("an earlier timer overtakes one that is armed already",
          "[runtime][timers]") {
  runtime rt{1};
  std::promise<int> first;
  auto result = first.get_future();
  std::atomic<bool> set{false};
  auto offer = [&](int which) {
    if (!set.exchange(true))
      first.set_value(which);
  };
  rt.after(2s, [&] { offer(2); });
  rt.after(10ms, [&] { offer(1); });
  CHECK(get(std::move(result)) == 1);
}

TEST_CASE("a cancelled timer does not fire, and lets go of what it holds",
          "[runtime][timers]") {
  runtime rt{1};
  auto held = std::make_shared<int>();
  std::atomic<bool> fired{false};
  auto timer = rt.after(20ms, [held, &fired] { fired = true; });
  rt.cancel(timer);
  CHECK(held.use_count() == 1);
  std::promise<void> later;
  auto result = later.get_future();
  rt.after(60ms, [&later] { later.set_value(); });
  get(std::move(result));
  CHECK_FALSE(fired);
  rt.cancel(timer); // Over: ignored.
  rt.cancel(0);
}

TEST_CASE("a hundred thousand timers, half of them cancelled",
          "[runtime][timers]") {
  runtime rt{2};
  constexpr int count = 100'000;
  std::atomic<int> fired{0};
  std::vector<runtime::id> ids;
  for (int i = 0; i < count; ++i)
    ids.push_back(rt.after(50ms + (i % 50) * 1ms, [&fired] { ++fired; }));
  int cancelled = 0;
  for (int i = 0; i < count; i += 2, ++cancelled)
    rt.cancel(ids[i]);
  std::promise<void> later;
  auto result = later.get_future();
  rt.after(1s, [&later] { later.set_value(); });
  get(std::move(result));
  // Some may have fired before they were cancelled on a slow machine.
  CHECK(fired >= count - cancelled);
  CHECK(fired <= count);
}

TEST_CASE("stop runs what was posted, also from shard to shard", "[runtime]") {
  runtime rt{3};
  std::atomic<int> ran{0};
  // A chain that hops over all shards, begun by a handler that is stopped.
  std::function<void(int)> hop = [&](int left) {
    ++ran;
    if (left > 0)
      rt.run_on(left % 3, [&hop, left] { hop(left - 1); });
  };
  rt.run_on(0, [&hop] { hop(40); });
  for (int i = 0; i < 1000; ++i)
    boost::asio::post(rt.io(i % 3), [&ran] { ++ran; });
  rt.stop();
  CHECK(ran == 41 + 1000);
}

TEST_CASE("stop returns although a handler posts itself for ever",
          "[runtime]") {
  runtime rt{2};
  std::function<void()> again = [&] { rt.run_on(1, again); };
  rt.run_on(0, again);
  rt.stop();
  SUCCEED("returned");
}

TEST_CASE("after stop, calls are ignored and what they bring is destroyed",
          "[runtime]") {
  auto held = std::make_shared<int>();
  runtime rt{1};
  rt.after(1h, [held] {});
  rt.stop();
  CHECK(held.use_count() == 1);
  rt.run_on(0, [held] {});
  CHECK(rt.after(1ms, [held] {}) == 0);
  CHECK(held.use_count() == 1);
  rt.stop();
}

TEST_CASE("an object destroyed with the runtime may still call it",
          "[runtime]") {
  struct session {
    runtime* rt;
    runtime::id timer;
    ~session() {
      rt->cancel(timer);
      rt->run_on(0, [] {});
      rt->run_on(1, [] {});
    }
  };
  auto rt = std::make_unique<runtime>(2);
  auto timer = std::make_shared<boost::asio::steady_timer>(rt->io(1));
  auto mine = std::make_shared<session>(rt.get(), rt->after(1h, [] {}));
  timer->expires_after(1h);
  timer->async_wait([mine, timer](const boost::system::error_code&) {});
  std::weak_ptr<session> alive = mine;
  mine.reset();
  timer.reset();
  CHECK_FALSE(alive.expired());
  rt.reset();
  CHECK(alive.expired());
}
