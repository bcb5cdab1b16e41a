#include "core/json_object.hpp"
#include "core/json_slice.hpp"
#include "heddle/json_check.hpp"
#include "heddle/requests.hpp"
#include "tests/catch.hpp"

#include <random>

using namespace heddle;
using namespace heddle::core;

namespace {

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

const std::string valid[] = {
  "null",
  "true",
  "false",
  "0",
  "-0",
  "0.5",
  "-1e5",
  "1E+2",
  "\"\"",
  " \t\r\n{} \n",
  "[]",
  "[1,2]",
  R"({"a":{"b":[1,{"c":null}]}})",
  R"("\"\\\/\b\f\n\r\t\u00e9")",
  R"("\ud83d\ude00")",
  "\"\xF0\x9F\x98\x80\"",
  R"("\u0000")",
  "1.7976931348623157e308",
  "1e308",
  "4.9e-324",
  "1e-400",
  "123456789012345678901234567890",
  std::string(308, '9'),
  "-" + std::string(308, '9'),
  "0." + std::string(400, '0') + "1",
  "\"\x7f\"",
  R"({"a":1,"a":2})",
  nested(256),
  "[0e1]",
  "\"\xEF\xBF\xBF\"",
};

const std::string invalid[] = {
  "",
  " ",
  "nul",
  "True",
  "NaN",
  "-NaN",
  "Infinity",
  "-Infinity",
  "01",
  "-",
  "+1",
  "1.",
  ".5",
  "1e",
  "1e+",
  "0x1",
  "1_000",
  "[1,]",
  "[,1]",
  "[1 2]",
  "[",
  "]",
  "{",
  "{\"a\"}",
  "{\"a\":}",
  "{\"a\":1,}",
  "{a:1}",
  "{'a':1}",
  "{\"a\":1 \"b\":2}",
  "{1:1}",
  "'a'",
  "\"",
  "\"\\\"",
  R"("\x41")",
  R"("\u12")",
  R"("\u12G4")",
  "\"\n\"",
  "\"\t\"",
  "{} {}",
  "[] x",
  "// c\n1",
  "/* c */1",
  "[1]//",
  "\xEF\xBB\xBF{}",
  "\"\xFF\"",
  "\"\xC0\x80\"",
  "\"\xED\xA0\x80\"",
  "\"\xF4\x90\x80\x80\"",
  "\"\xE2\x82\"",
  R"("\ud800")",
  R"("\udc00")",
  R"("\ud800\u0041")",
  R"("\ud800x")",
  "1e400",
  "-1e400",
  "1.7976931348623159e308",
  "[1e99999999999999999999]",
  std::string(400, '9'),
  "-" + std::string(310, '9'),
  std::string(400, '9') + ".0",
  std::string("\"a\0b\"", 5),
  std::string("1\0", 2),
  "\xFE\xFF",
  "undefined",
  "[1]]",
};

} // namespace

TEST_CASE("strict JSON is accepted", "[core][json]") {
  for (const auto& text : valid) {
    INFO(text.substr(0, 60));
    CHECK(json_problem(text) == std::nullopt);
    CHECK(check_json(text) == std::nullopt);
  }
}

TEST_CASE("what is no JSON, or not to be carried, is refused", "[core][json]") {
  for (const auto& text : invalid) {
    INFO(text.substr(0, 60));
    CHECK(json_problem(text).has_value());
    CHECK(check_json(text)
          == error{errc::invalid_argument, "Invalid JSON in request body"});
  }
}

TEST_CASE("nesting has a limit and a text of its own", "[core][json]") {
  error too_deep{errc::bad_request, "Recursion limit reached"};
  CHECK(check_json(nested(256)) == std::nullopt);
  CHECK(check_json(nested(257)) == too_deep);
  CHECK(check_json(std::string(1'000'000, '[')) == too_deep);
  CHECK(json_problem(nested(20), 10).has_value());
}

TEST_CASE("an object is cut into its members byte for byte", "[core][json]") {
  std::string text = " {\"a\" : 1e2 , \"b\\u0041\":\t[ {\"x\":\"]}\\\"\"} ] ,"
                     "\"\":\"\\\\\",\"n\":{\"a\":{}},\"z\": null}";
  auto slices = slice_object(text);
  REQUIRE(slices.has_value());
  CHECK(slices->size() == 5);
  CHECK(slices->find("a") == "1e2");
  CHECK(slices->find("bA") == "[ {\"x\":\"]}\\\"\"} ]");
  CHECK(slices->find("") == "\"\\\\\"");
  CHECK(slices->find("n") == "{\"a\":{}}");
  CHECK(slices->find("z") == "null");
  CHECK(slices->find("y") == std::nullopt);
}

TEST_CASE("of members with one name the last one counts", "[core][json]") {
  auto slices = slice_object(R"({"a":1,"b":2,"\u0061":3})");
  REQUIRE(slices.has_value());
  CHECK(slices->size() == 2);
  CHECK(slices->find("a") == "3");
  CHECK(slices->begin()->name == "a");
}

TEST_CASE("only an object is cut into members, only an array into elements",
          "[core][json]") {
  for (const char* text : {"[]", "1", "\"{}\"", "null", ""})
    CHECK(!slice_object(text).has_value());
  CHECK(slice_array("{}").empty());
  CHECK(slice_array("[]").empty());
  CHECK(slice_array(" [ 1 , [2,3],\"]\" , {} ] ")
        == std::vector<std::string_view>{"1", "[2,3]", "\"]\"", "{}"});
}

TEST_CASE("members are found by what they must be", "[core][json]") {
  auto found = members_of(R"({"a":"x\u0041","n":1,"z":null,"o":{"b":[2]}})");
  CHECK(found.text("a") == "xA");
  CHECK_FALSE(found.text("n"));
  CHECK_FALSE(found.text("none"));
  CHECK(found.given("n") == "1");
  CHECK(found.given("z") == "");
  CHECK(found.given("none") == "");
  CHECK(member_of(found.given("o"), "b") == "[2]");
  for (const char* none : {"", "[]", "1", "null"}) {
    CHECK(members_of(none).empty());
    CHECK(member_of(none, "b") == "");
  }
}

TEST_CASE("many members are found as fast as few", "[core][json]") {
  std::string text = "{";
  for (int i = 0; i < 20'000; ++i)
    text += (i == 0 ? "\"k" : ",\"k") + std::to_string(i % 15'000)
            + "\":" + std::to_string(i);
  text += '}';
  auto slices = slice_object(text);
  REQUIRE(slices.has_value());
  CHECK(slices->size() == 15'000);
  CHECK(slices->find("k14999") == "14999");
  CHECK(slices->find("k4999") == "19999");
  slices->erase("k0");
  CHECK(slices->find("k0") == std::nullopt);
  CHECK(slices->find("k4999") == "19999");
}

namespace {

/// Random JSON, with blanks and names that need escapes.
class generator {
public:
  explicit generator(unsigned seed) : random_(seed) {}

  std::string value(int depth) {
    switch (pick(depth > 4 ? 5 : 7)) {
      case 0: return "null";
      case 1: return pick(2) == 0 ? "true" : "false";
      case 2: return std::to_string(pick(100'000)) + "." + "50";
      case 3: return "-" + std::to_string(pick(9) + 1) + "e" + "7";
      case 4: return string();
      case 5: return list('[', ']', depth, false);
      default: return list('{', '}', depth, true);
    }
  }

  std::string list(char open, char close, int depth, bool named) {
    std::string out{open};
    auto count = pick(6);
    for (std::size_t i = 0; i < count; ++i) {
      out += i == 0 ? "" : ",";
      out += blanks();
      if (named)
        out += "\"" + std::to_string(i) + string().substr(1) + blanks() + ":";
      out += blanks() + value(depth + 1) + blanks();
    }
    return out + close;
  }

private:
  std::string string() {
    static const std::string parts[]
      = {"a", "\\\"", "\\\\", "{",       "}",   "]", "[",
         ":", ",",    "é",    "\\u00e9", "\\n", " ", "\\/"};
    std::string out = "\"";
    for (auto i = pick(8); i > 0; --i)
      out += parts[pick(std::size(parts))];
    return out + '"';
  }

  std::string blanks() { return std::string(pick(3), " \n\t"[pick(3)]); }

  std::size_t pick(std::size_t below) { return random_() % below; }

  std::mt19937 random_;
};

/// Takes a value apart and puts it together again from its slices.
std::string rebuilt(std::string_view text) {
  std::string out;
  if (kind_of(text) == json_kind::object) {
    auto slices = slice_object(text);
    for (const auto& [name, value] : *slices)
      out
        += (out.empty() ? "{" : ",") + json_quote(name) + ":" + rebuilt(value);
    return out.empty() ? "{}" : out + "}";
  }
  if (kind_of(text) == json_kind::array) {
    for (auto element : slice_array(text))
      out += (out.empty() ? "[" : ",") + rebuilt(element);
    return out.empty() ? "[]" : out + "]";
  }
  return std::string{text};
}

/// Every slice is in the text as it stands there, in order, without overlap.
bool slices_are_in_order(std::string_view text) {
  auto slices = slice_object(text);
  if (!slices)
    return false;
  const char* last = text.data();
  for (const auto& member : *slices) {
    if (member.value.data() <= last
        || member.value.data() + member.value.size() > text.data() + text.size()
        || json_problem(member.value))
      return false;
    last = member.value.data() + member.value.size();
  }
  return true;
}

} // namespace

TEST_CASE("what is cut apart goes together again", "[core][json]") {
  for (unsigned seed = 1; seed <= 500; ++seed) {
    INFO("seed " << seed);
    auto text = generator{seed}.list('{', '}', 0, true);
    REQUIRE(json_problem(text) == std::nullopt);
    CHECK(slices_are_in_order(text));
    auto once = rebuilt(text);
    CHECK(json_problem(once) == std::nullopt);
    CHECK(rebuilt(once) == once);
  }
}

TEST_CASE("objects merge shallowly, later ones win, texts stay",
          "[core][json]") {
  json_text one{R"({"a":1.0,"n":{"x":1}})"};
  json_text two{R"({"b": 123456789012345678901234567890,"n":{"y":2}})"};
  CHECK(merge_objects({one, two}).view()
        == R"({"a":1.0,"n":{"y":2},"b":123456789012345678901234567890})");
  CHECK(merge_objects({}).view() == "{}");
  CHECK(merge_objects({json_text{}, json_text{"{}"}}).view() == "{}");
  // One that is alone is handed on, not copied.
  CHECK(merge_objects({json_text{}, two}).view().data() == two.view().data());
}

TEST_CASE("an object under construction keeps what it was given",
          "[core][json]") {
  json_object object{R"({"b":2,"a":1})"};
  object.set("c", "3");
  object.set("b", "\"x\"");
  object.erase("a");
  object.erase("nothing");
  auto moved = std::move(object);
  CHECK(moved.str() == R"({"b":"x","c":3})");
  CHECK(json_array({"a", "\"", "é"}) == R"(["a","\"","é"])");
}

TEST_CASE("any text can be quoted", "[core][json]") {
  CHECK(json_quote("") == "\"\"");
  CHECK(json_quote("plain é 😀") == "\"plain é 😀\"");
  CHECK(json_quote("\"\\\b\f\n\r\t/") == R"("\"\\\b\f\n\r\t/")");
  CHECK(json_quote("\x01\x1f\x7f") == "\"\\u0001\\u001f\x7f\"");
  // What JSON in this API cannot carry becomes U+FFFD.
  CHECK(json_quote(std::string_view{"a\0b", 3})
        == "\"a\xEF\xBF\xBD"
           "b\"");
  CHECK(json_quote("\xFFx\xC3") == "\"\xEF\xBF\xBDx\xEF\xBF\xBD\"");
}

TEST_CASE("whatever bytes are quoted, the result is JSON", "[core][json]") {
  std::mt19937 random{11};
  for (int i = 0; i < 2000; ++i) {
    std::string bytes(random() % 12, ' ');
    for (auto& byte : bytes)
      byte = static_cast<char>(random());
    auto quoted = json_quote(bytes);
    CHECK(json_problem(quoted) == std::nullopt);
  }
}
