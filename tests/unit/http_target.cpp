#include "http/router.hpp"
#include "http/target.hpp"
#include "tests/catch.hpp"

using namespace heddle::http;

namespace {

std::vector<std::string> segments(std::string_view target) {
  std::string scratch;
  auto parts = split_target(target, scratch);
  REQUIRE(parts);
  return {parts->segments().begin(), parts->segments().end()};
}

bool target_refused(std::string_view target) {
  std::string scratch;
  return !split_target(target, scratch);
}

using list = std::vector<std::string>;

constexpr route table[] = {
  {verb::post, "/threads/search", nullptr},
  {verb::get, "/threads/{id}", nullptr},
  {verb::patch, "/threads/{id}", nullptr},
  {verb::get, "/threads/{id}/runs/{run}", nullptr},
  {verb::post, "/threads/{id}/runs/wait", nullptr},
  {verb::get, "/ui/*", nullptr},
  {verb::get, "/", nullptr, route_trait::meta},
};

router::match find(verb method, std::string_view path) {
  static const router routes{table};
  static std::string scratch;
  auto parts = split_target(path, scratch);
  return routes.find(method, parts->segments());
}

} // namespace

TEST_CASE("a path is cut into decoded segments", "[http][target]") {
  CHECK(segments("/").empty());
  CHECK(segments("/a/b") == list{"a", "b"});
  CHECK(segments("/a%20b/%C3%A9?c=d/e") == list{"a b", "\xC3\xA9"});
  CHECK(segments("/%25%34%31") == list{"%41"}); // Decoded once.
  CHECK(segments("/a/") == list{"a"});
  CHECK(segments("//a") == list{"", "a"});
  CHECK(segments("http://host:1/a/b?c") == list{"a", "b"});
  CHECK(segments("httP://host/a") == list{"a"});
  CHECK(segments("HTTPS://host").empty());
}

TEST_CASE("paths that could mean something else are refused",
          "[http][target]") {
  CHECK(target_refused("/a%00"));
  CHECK(target_refused("/a%2fb"));
  CHECK(target_refused("/a%2Fb"));
  CHECK(target_refused("/a/../b"));
  CHECK(target_refused("/a/%2e%2e/b"));
  CHECK(target_refused("/%"));
  CHECK(target_refused("/%4"));
  CHECK(target_refused("/%zz"));
  CHECK(target_refused("/%c0%af"));
  CHECK(target_refused("/%ed%a0%80"));
  CHECK(target_refused("/%ff"));
}

TEST_CASE("a slash at the end is noticed", "[http][target]") {
  std::string scratch;
  CHECK(split_target("/a/", scratch)->slash_at_end);
  CHECK_FALSE(split_target("/a", scratch)->slash_at_end);
  CHECK_FALSE(split_target("/", scratch)->slash_at_end);
}

TEST_CASE("query values are decoded, the last one counts", "[http][target]") {
  query_text query{"a=1&b=x+y%21&a=2&c&d=%zz&%61=3&e=%ff"};
  CHECK(query.last("a") == "3");
  CHECK(query.all("a") == list{"1", "2", "3"});
  CHECK(query.last("b") == "x y!");
  CHECK(query.last("c") == "");
  CHECK(query.last("d") == "%zz");
  CHECK(query.last("e") == "\xEF\xBF\xBD");
  CHECK_FALSE(query.last("x"));
  CHECK_FALSE(query_text{}.last(""));
  CHECK(query_text{"w=YES"}.truth("w"));
  CHECK_FALSE(query_text{"w=0&v"}.truth("w"));
  CHECK_FALSE(query_text{"w=1&w=no"}.truth("w"));
}

TEST_CASE("UTF-8 is checked to the letter", "[http][target]") {
  CHECK(is_utf8(""));
  CHECK(is_utf8("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"));
  for (const char* bad :
       {"\x80", "\xC0\xAF", "\xC3", "\xE0\x80\x80", "\xED\xA0\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82", "a\xFF"}) {
    CHECK_FALSE(is_utf8(bad));
  }
}

TEST_CASE("names win over parameters, methods over names", "[http][router]") {
  auto met = find(verb::get, "/threads/x");
  CHECK(met.found == &table[1]);
  CHECK(met.params[0] == "x");
  CHECK(find(verb::post, "/threads/search").found == &table[0]);
  met = find(verb::get, "/threads/search");
  CHECK(met.found == &table[1]);
  CHECK(met.params[0] == "search");
  met = find(verb::get, "/threads/x/runs/wait");
  CHECK(met.found == &table[3]);
  CHECK(met.params[0] == "x");
  CHECK(met.params[1] == "wait");
  CHECK(find(verb::head, "/threads/x").found == &table[1]);
  CHECK(find(verb::get, "/ui/a/b").found == &table[5]);
  CHECK(find(verb::get, "/").found == &table[6]);
  CHECK_FALSE(find(verb::get, "/").api);
}

TEST_CASE("a path without the method names the others", "[http][router]") {
  auto met = find(verb::put, "/threads/search");
  CHECK_FALSE(met.found);
  CHECK(met.allowed == "GET, HEAD, PATCH, POST");
  CHECK(find(verb::get, "/nowhere").allowed.empty());
  CHECK(find(verb::get, "/threads//runs/x").allowed.empty());
}
