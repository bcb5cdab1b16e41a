#include "app/units.hpp"
#include "tests/catch.hpp"

using namespace heddle::app;
using std::chrono::milliseconds;

TEST_CASE("a duration is a number and a unit", "[app]") {
  CHECK(parse_duration("500ms").value() == milliseconds{500});
  CHECK(parse_duration("0.5s").value() == milliseconds{500});
  CHECK(parse_duration("5").value() == milliseconds{5000});
  CHECK(parse_duration("5", milliseconds{1}).value() == milliseconds{5});
  CHECK(parse_duration("2m").value() == milliseconds{120'000});
  CHECK(parse_duration("1H").value() == milliseconds{3'600'000});
  CHECK(parse_duration("0s").value() == milliseconds{0});
}

TEST_CASE("what is no duration is refused", "[app]") {
  auto text = GENERATE("", "s", "-5s", "5 s", "5y", "nan", "1e3s", "inf",
                       "400d", "5s5s");
  CHECK(parse_duration(text).has_error());
}

TEST_CASE("sizes count in powers of 1024", "[app]") {
  CHECK(parse_bytes("4096").value() == 4096);
  CHECK(parse_bytes("16KiB").value() == 16'384);
  CHECK(parse_bytes("16k").value() == 16'384);
  CHECK(parse_bytes("1.5MB").value() == 1'572'864);
  CHECK(parse_bytes("1GiB").value() == 1U << 30U);
  CHECK(parse_bytes("0").has_error());
  CHECK(parse_bytes("5x").has_error());
  CHECK(parse_bytes("5kk").has_error());
}

TEST_CASE("counts keep to their bounds and say them", "[app]") {
  CHECK(parse_count("7", 1, 10).value() == 7);
  auto text = GENERATE("0", "11", "-1", "7x", "", " 7", "99999999999999999999");
  auto parsed = parse_count(text, 1, 10);
  REQUIRE(parsed.has_error());
  CHECK_THAT(parsed.error().detail, Contains("from 1 to 10"));
}

TEST_CASE("the nearest name is a guess only if it is near", "[app]") {
  constexpr std::string_view names[] = {"--port", "--host", "--python"};
  CHECK(nearest("--prot", names) == "--port");
  CHECK(nearest("--PORT", names) == "--port");
  CHECK(nearest("--pythn", names) == "--python");
  CHECK(nearest("--something-else", names).empty());
  CHECK(hint("--hots", names) == " Did you mean --host?");
  CHECK(hint("--zzzzzzzz", names).empty());
}
