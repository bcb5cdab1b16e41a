#include "actors/ready_window.hpp"

#include "tests/catch.hpp"

#include <vector>

// The dispatcher's window: bounded, in order, and it forgets nothing.

using namespace heddle;
using actors::ready_window;

namespace {

ready_run run(std::uint8_t n, std::int64_t due = 0, bool alone = false) {
  uuid_bytes bytes{};
  bytes[14] = 1;
  bytes[15] = n;
  return {{from_micros(due), n}, run_id{bytes}, thread_id{bytes}, alone};
}

ready_run numbered(std::size_t n) {
  auto result = run(0, 0);
  uuid_bytes bytes{};
  bytes[13] = 1;
  bytes[14] = static_cast<std::uint8_t>(n >> 8U);
  bytes[15] = static_cast<std::uint8_t>(n);
  result.run = run_id{bytes};
  result.at.n = static_cast<std::int64_t>(n);
  return result;
}

std::vector<std::int64_t> drain(ready_window& from) {
  std::vector<std::int64_t> result;
  while (auto next = from.pop(false))
    result.push_back(next->at.n);
  return result;
}

} // namespace

TEST_CASE("runs leave the window in the order of their turns",
          "[actors][window]") {
  ready_window window;
  window.hint(run(3, 10));
  window.hint(run(2, 10));
  window.hint(run(9, 5));
  CHECK(drain(window) == std::vector<std::int64_t>{9, 2, 3});
  CHECK(window.empty());
}

TEST_CASE("a run on offer is not offered again", "[actors][window]") {
  ready_window window;
  window.hint(run(1));
  auto first = window.pop(false);
  REQUIRE(first);
  window.hint(run(1));
  window.begin_fill();
  window.fill({run(1), run(2)}, true);
  CHECK(drain(window) == std::vector<std::int64_t>{2});
  window.settle(first->run);
  window.hint(run(1));
  CHECK(drain(window) == std::vector<std::int64_t>{1});
}

TEST_CASE("those that need a process of their own wait apart",
          "[actors][window]") {
  ready_window window;
  window.hint(run(1, 0, true));
  window.hint(run(2));
  CHECK(window.has(true));
  CHECK(window.pop(false)->at.n == 2);
  CHECK(!window.pop(false));
  CHECK(window.pop(true)->at.n == 1);
}

TEST_CASE("the window is bounded and knows that there is more",
          "[actors][window]") {
  ready_window window;
  for (std::size_t n = 1; n <= ready_window::runs_max + 10; ++n)
    window.hint(numbered(n));
  CHECK(!window.wants_fill());
  auto got = drain(window);
  CHECK(got.size() == ready_window::runs_max);
  CHECK(got.back() == static_cast<std::int64_t>(ready_window::runs_max));
  CHECK(window.wants_fill());
  CHECK(window.fill_size() == 2 * ready_window::runs_max);
}

TEST_CASE("later ones do not overtake those that only the store knows",
          "[actors][window]") {
  ready_window window;
  window.hint(run(1));
  window.more();
  window.hint(run(9));
  CHECK(drain(window) == std::vector<std::int64_t>{1});
  REQUIRE(window.wants_fill());
  window.begin_fill();
  window.fill({run(5), run(9)}, true);
  CHECK(drain(window) == std::vector<std::int64_t>{5, 9});
  CHECK(!window.wants_fill());
}

TEST_CASE("what is hinted at during a read is not lost", "[actors][window]") {
  ready_window window;
  window.more();
  window.begin_fill();
  window.hint(run(7));   // Committed after the read's snapshot.
  window.fill({}, true); // Which is therefore all it knows.
  CHECK(window.wants_fill());
  window.begin_fill();
  window.more();
  window.fill({run(7)}, true);
  CHECK(drain(window) == std::vector<std::int64_t>{7});
  CHECK(window.wants_fill());
}

TEST_CASE("a read that failed is to be done again", "[actors][window]") {
  ready_window window;
  window.more();
  window.begin_fill();
  window.fail_fill();
  CHECK(window.wants_fill());
}
