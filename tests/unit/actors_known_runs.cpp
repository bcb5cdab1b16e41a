#include "actors/known_runs.hpp"

#include "tests/catch.hpp"

using heddle::run_id;
using heddle::uuid_bytes;
using heddle::actors::known_runs;

namespace {

run_id numbered(std::size_t n) {
  uuid_bytes bytes{};
  bytes[14] = static_cast<std::uint8_t>(n >> 8U);
  bytes[15] = static_cast<std::uint8_t>(n);
  return run_id{bytes};
}

std::vector<run_id> runs(std::size_t count) {
  std::vector<run_id> result;
  for (std::size_t n = 0; n < count; ++n)
    result.push_back(numbered(n));
  return result;
}

} // namespace

TEST_CASE("nothing is certain before the ids were read", "[actors]") {
  known_runs known;
  CHECK(known.wanted());
  CHECK_FALSE(known.has_none_of({numbered(9)}));
}

TEST_CASE("what was neither read nor created does not exist", "[actors]") {
  known_runs known;
  auto ids = runs(3);
  known.learn(known.begin(), &ids);
  CHECK_FALSE(known.wanted());
  CHECK(known.has_none_of({numbered(9)}));
  CHECK_FALSE(known.has_none_of({numbered(9), numbered(2)}));
  known.add(numbered(9));
  CHECK_FALSE(known.has_none_of({numbered(9)}));
  CHECK(known.has_none_of({numbered(8)}));
}

TEST_CASE("a read that a create has overtaken teaches nothing", "[actors]") {
  known_runs known;
  auto ids = runs(3);
  auto since = known.begin();
  CHECK_FALSE(known.wanted()); // One at a time.
  known.add(numbered(9));
  known.learn(since, &ids);
  CHECK_FALSE(known.has_none_of({numbered(9)}));
  CHECK_FALSE(known.has_none_of({numbered(8)}));
  CHECK(known.wanted());
}

TEST_CASE("a read that failed may be tried again", "[actors]") {
  known_runs known;
  known.learn(known.begin(), nullptr);
  CHECK(known.wanted());
  CHECK_FALSE(known.has_none_of({numbered(9)}));
}

TEST_CASE("threads with very many runs are not remembered", "[actors]") {
  known_runs known;
  auto ids = runs(known_runs::runs_max + 1);
  known.learn(known.begin(), &ids);
  CHECK_FALSE(known.wanted());
  CHECK_FALSE(known.has_none_of({numbered(9999)}));

  known_runs grown;
  ids = runs(known_runs::runs_max);
  grown.learn(grown.begin(), &ids);
  CHECK(grown.has_none_of({numbered(9999)}));
  grown.add(numbered(9000));
  CHECK_FALSE(grown.has_none_of({numbered(9999)}));
}
