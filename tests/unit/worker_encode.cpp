#include "worker/wire/encode.hpp"
#include "worker/wire/frame.hpp"

#include "tests/catch.hpp"

using namespace heddle;
using namespace heddle::worker;
using namespace std::chrono_literals;

namespace {

/// The value of a frame, after a check of its length and its head.
wire::unpacker opened(const std::string& frame, std::string_view type,
                      run_no run) {
  REQUIRE(wire::get_length(frame.data()) == frame.size() - 4);
  wire::unpacker in{std::make_shared<const std::string>(frame.substr(4))};
  in.array_of(3);
  CHECK(in.text() == type);
  CHECK(in.u32() == run);
  return in;
}

tuple sample(std::size_t payload) {
  tuple t;
  t.ns = "ns";
  t.id = "1ef";
  t.head = {"msgpack", json_text{std::string(payload, 'h')}};
  t.metadata = json_text{R"({"step":1})"};
  t.values.push_back({"a", "1.2", {"json", json_text{"1"}}});
  t.writes.push_back({"task", "~path", -3, "b", {"x", json_text{"2"}}});
  return t;
}

} // namespace

TEST_CASE("a start carries ids, kwargs and how to resume", "[worker][encode]") {
  start what;
  what.epoch = 5;
  what.attempt = 2;
  what.graph = "agent";
  what.kwargs = json_text{R"({"input":{}})"};
  what.resume = true;
  auto frame = wire::encode(12, what);
  auto in = opened(frame, "start", 12);
  REQUIRE(in.map() == 9);
  CHECK(in.text() == "run_id");
  CHECK(in.text() == run_id{}.str());
  for (int i = 0; i < 4; ++i)
    in.skip();
  CHECK(in.text() == "epoch");
  CHECK(in.natural() == 5);
  CHECK(in.text() == "attempt");
  CHECK(in.natural() == 2);
  CHECK(in.text() == "graph");
  CHECK(in.text() == "agent");
  CHECK(in.text() == "kwargs");
  CHECK(in.json().view() == R"({"input":{}})");
  CHECK(in.text() == "resume");
  CHECK(in.boolean());
  CHECK(in.text() == "temporary");
  CHECK_FALSE(in.boolean());
  CHECK((in.ok() && in.at_end()));
}

TEST_CASE("a cancel says what, why and by when", "[worker][encode]") {
  auto frame = wire::encode(3, cancel{stop_action::rollback, "why", 2500ms});
  auto in = opened(frame, "cancel", 3);
  REQUIRE(in.map() == 3);
  CHECK(in.text() == "action");
  CHECK(in.text() == "rollback");
  CHECK(in.text() == "reason");
  CHECK(in.text() == "why");
  CHECK(in.text() == "deadline_ms");
  CHECK(in.natural() == 2500);
  CHECK((in.ok() && in.at_end()));
}

TEST_CASE("a deadline that has passed is now", "[worker][encode]") {
  auto frame = wire::encode_exit(-5ms);
  auto in = opened(frame, "exit", 0);
  REQUIRE(in.map() == 1);
  in.text();
  CHECK(in.natural() == 0);
}

TEST_CASE("a tuple comes with its parts, or says that there is none",
          "[worker][encode]") {
  auto none = wire::encode_tuple(1, 9, std::nullopt);
  auto in = opened(none, "tuple", 1);
  REQUIRE(in.map() == 2);
  CHECK(in.text() == "req");
  CHECK(in.natural() == 9);
  CHECK(in.text() == "found");
  CHECK_FALSE(in.boolean());
  CHECK((in.ok() && in.at_end()));

  auto some = wire::encode_tuple(1, 9, sample(3));
  in = opened(some, "tuple", 1);
  REQUIRE(in.map() == 10);
  for (int i = 0; i < 8; ++i)
    in.skip();
  CHECK(in.text() == "parent");
  CHECK(in.take_nil());
  CHECK(in.text() == "head");
  in.array_of(2);
  CHECK(in.text() == "msgpack");
  CHECK(in.bytes().view() == "hhh");
  in.skip();
  in.skip();
  CHECK(in.text() == "values");
  in.array_of(1);
  in.array_of(4);
  for (int i = 0; i < 4; ++i)
    in.skip();
  CHECK(in.text() == "writes");
  in.array_of(1);
  in.array_of(6);
  in.skip();
  in.skip();
  CHECK(in.i32() == -3);
  for (int i = 0; i < 3; ++i)
    in.skip();
  CHECK(in.text() == "viewed");
  CHECK_FALSE(in.boolean());
  CHECK((in.ok() && in.at_end()));
}

TEST_CASE("a long list goes in several frames, the last one marked",
          "[worker][encode]") {
  auto count_and_last = [](const std::string& frame) {
    auto in = opened(frame, "tuples", 2);
    REQUIRE(in.map() == 3);
    in.skip();
    CHECK(in.natural() == 6);
    in.skip();
    auto count = in.array();
    for (std::size_t i = 0; i < count; ++i)
      in.skip();
    CHECK(in.text() == "last");
    auto last = in.boolean();
    CHECK((in.ok() && in.at_end()));
    return std::pair{count, last};
  };
  auto empty = wire::encode_tuples(2, 6, {});
  REQUIRE(empty.size() == 1);
  CHECK(count_and_last(empty[0]) == std::pair{std::size_t{0}, true});

  std::vector<tuple> many(10, sample(1U << 20U));
  auto frames = wire::encode_tuples(2, 6, many);
  REQUIRE(frames.size() > 1);
  std::size_t total = 0;
  for (const auto& frame : frames) {
    auto [count, last] = count_and_last(frame);
    total += count;
    CHECK(last == (&frame == &frames.back()));
  }
  CHECK(total == many.size());
}
