#include "runtime/timer_heap.hpp"

#include "tests/catch.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <vector>

using heddle::timer_heap;
using namespace std::chrono_literals;

TEST_CASE("timers come out in the order of their deadlines",
          "[runtime][timers]") {
  timer_heap heap;
  timer_heap::clock::time_point start{};
  std::vector<int> fired;
  for (int at : {50, 10, 40, 10, 30, 20})
    heap.add(start + at * 1ms, [&fired, at] { fired.push_back(at); });
  CHECK(heap.earliest() == start + 10ms);
  CHECK_FALSE(heap.pop_due(start + 9ms));
  while (auto f = heap.pop_due(start + 40ms))
    f();
  CHECK(fired == std::vector<int>{10, 10, 20, 30, 40});
  CHECK(heap.size() == 1);
}

TEST_CASE("an old handle cannot cancel the timer that took its slot",
          "[runtime][timers]") {
  timer_heap heap;
  auto first = heap.add({}, [] {});
  CHECK(heap.remove(first));
  auto second = heap.add({}, [] {});
  CHECK(second != first);
  CHECK_FALSE(heap.remove(first));
  CHECK_FALSE(heap.remove(0));
  CHECK_FALSE(heap.remove(~0ULL));
  CHECK(heap.size() == 1);
  CHECK(heap.remove(second));
}

TEST_CASE("a removed timer gives back what its action holds",
          "[runtime][timers]") {
  timer_heap heap;
  auto held = std::make_shared<int>();
  auto timer = heap.add({}, [held] {});
  CHECK(held.use_count() == 2);
  heap.remove(timer);
  CHECK(held.use_count() == 1);
}

TEST_CASE("random adds, cancels and expiries agree with a sorted map",
          "[runtime][timers]") {
  std::mt19937 random{20260801};
  timer_heap heap;
  std::multimap<int, timer_heap::handle> model;
  timer_heap::clock::time_point start{};
  for (int step = 0; step < 20'000; ++step) {
    switch (random() % 3) {
      case 0: {
        int at = static_cast<int>(random() % 1000);
        model.emplace(at, heap.add(start + at * 1ms, [] {}));
        break;
      }
      case 1: {
        if (model.empty())
          break;
        auto victim = std::next(model.begin(), random() % model.size());
        REQUIRE(heap.remove(victim->second));
        model.erase(victim);
        break;
      }
      default: {
        int now = static_cast<int>(random() % 100);
        bool due = !model.empty() && model.begin()->first <= now;
        REQUIRE(bool{heap.pop_due(start + now * 1ms)} == due);
        if (due) {
          // Among equals the heap may choose: drop the one that is gone.
          auto [first, last] = model.equal_range(model.begin()->first);
          auto gone = std::find_if(first, last, [&heap](const auto& entry) {
            auto again = heap.remove(entry.second);
            return !again;
          });
          REQUIRE(gone != last);
          std::vector<int> ats;
          for (auto it = first; it != gone; ++it)
            ats.push_back(it->first);
          model.erase(first, std::next(gone));
          for (int at : ats)
            model.emplace(at, heap.add(start + at * 1ms, [] {}));
        }
      }
    }
    REQUIRE(heap.size() == model.size());
    if (!model.empty())
      REQUIRE(heap.earliest() == start + model.begin()->first * 1ms);
  }
}
