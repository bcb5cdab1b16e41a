#include "worker/printable.hpp"
#include "worker/wire/utf8.hpp"

#include "tests/catch.hpp"

#include <string>

using namespace heddle::worker;
using namespace std::string_view_literals;

TEST_CASE("UTF-8 is told from what is not", "[worker][utf8]") {
  for (auto good : {""sv, "plain ascii, longer than a word"sv, "é"sv, "€uro"sv,
                    "\xED\x9F\xBF"sv, "\xEE\x80\x80"sv, "\xF0\x90\x80\x80"sv,
                    "\xF4\x8F\xBF\xBF"sv, "12345678é"sv, "\0"sv})
    CHECK(wire::is_utf8(good));
  for (auto bad :
       {"\x80"sv, "\xC0\x80"sv, "\xC1\xBF"sv, "\xE0\x9F\xBF"sv,
        "\xED\xA0\x80"sv, "\xF0\x8F\xBF\xBF"sv, "\xF4\x90\x80\x80"sv,
        "\xF5\x80\x80\x80"sv, "\xC3"sv, "\xE2\x82"sv, "\xF0\x9F\x98"sv,
        "12345678\xFF"sv, "\xE2\x28\xA1"sv, "\xE2\x82\x28"sv})
    CHECK_FALSE(wire::is_utf8(bad));
}

TEST_CASE("what a worker prints cannot act on a terminal", "[worker][utf8]") {
  CHECK(printable("tab\tstays, é too", 100) == "tab\tstays, é too");
  CHECK(printable("\x1B[2J\r\n\x7F", 100) == "\\x1b[2J\\x0d\\x0a\\x7f");
  CHECK(printable("\xC2\x9B", 100) == "\\xc2\\x9b");
  CHECK(printable("a\xFF", 100) == "a\\xff");
  CHECK(printable("\0"sv, 100) == "\\x00");
}

TEST_CASE("a text that is too long is cut between characters",
          "[worker][utf8]") {
  CHECK(printable("abcdef", 6) == "abcdef");
  CHECK(printable("abcdef", 3) == "abc…");
  CHECK(printable("aé", 2) == "a…");
  CHECK(printable("", 0).empty());
}
