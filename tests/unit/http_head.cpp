#include "http/head.hpp"
#include "tests/catch.hpp"

using namespace heddle;
using namespace heddle::http;

namespace {

using verdict = head_scanner::verdict;

const http_options limits;

const std::string plain_head = "POST /runs HTTP/1.1\r\nHost: a:1\r\n"
                               "Content-Length: 12\r\nx-API-key: k\r\n"
                               "Last-Event-ID: -1\r\nConnection: close\r\n\r\n";

std::optional<refusal> read_refused(const std::string& block) {
  request_parser parser{limits};
  return parser.read_head(block);
}

} // namespace

TEST_CASE("the end of a head is found however it arrives", "[http][head]") {
  head_scanner scanner{limits};
  for (std::size_t n = 0; n < plain_head.size(); ++n)
    REQUIRE(scanner.scan(std::string_view{plain_head}.substr(0, n))
            == verdict::more);
  CHECK(scanner.scan(plain_head + "body") == verdict::whole);
  CHECK(scanner.bytes() == plain_head.size());
}

TEST_CASE("a scan that is begun anew forgets the last head", "[http][head]") {
  head_scanner scanner{limits};
  REQUIRE(scanner.scan(plain_head) == verdict::whole);
  scanner.reset();
  CHECK(scanner.scan("GET / HTTP/1.1\r\n") == verdict::more);
  CHECK(scanner.scan("GET / HTTP/1.1\r\n\r\n") == verdict::whole);
}

TEST_CASE("limits are met before all of it is there", "[http][head]") {
  head_scanner scanner{limits};
  CHECK(scanner.scan("GET /" + std::string(9000, 'a')) == verdict::refused);
  CHECK(scanner.why().status == 414);
  scanner.reset();
  CHECK(scanner.scan("GET / HTTP/1.1\r\nA: " + std::string(16'384, 'a'))
        == verdict::refused);
  CHECK(scanner.why().status == 431);
}

TEST_CASE("a head says what the session needs", "[http][head]") {
  request_parser parser{limits};
  REQUIRE_FALSE(parser.read_head(plain_head));
  const auto& head = parser.head();
  CHECK(head.method == verb::post);
  CHECK(head.target == "/runs");
  CHECK(head.host == "a:1");
  CHECK(head.api_key == "k");
  CHECK(head.last_event_id == "-1");
  CHECK(head.content_length == 12U);
  CHECK_FALSE(head.chunked);
  CHECK_FALSE(head.keep_alive);
  CHECK(head.http_1_1);
}

TEST_CASE("HTTP/1.0 is kept alive only if asked to", "[http][head]") {
  request_parser plain10{limits};
  REQUIRE_FALSE(plain10.read_head("GET / HTTP/1.0\r\n\r\n"));
  CHECK_FALSE(plain10.head().keep_alive);
  CHECK_FALSE(plain10.head().http_1_1);
  request_parser kept{limits};
  REQUIRE_FALSE(
    kept.read_head("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
  CHECK(kept.head().keep_alive);
}

TEST_CASE("an announcement over the limit is told apart from nonsense",
          "[http][head]") {
  auto why = read_refused(
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n");
  REQUIRE(why);
  CHECK(why->status == 413);
  why
    = read_refused("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9x\r\n\r\n");
  REQUIRE(why);
  CHECK(why->status == 400);
}

TEST_CASE("chunks are read in any pieces", "[http][head]") {
  const std::string head
    = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string chunks = "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: t\r\n\r\n";
  for (std::size_t step = 1; step <= chunks.size(); ++step) {
    request_parser parser{limits};
    REQUIRE_FALSE(parser.read_head(head));
    std::string waiting;
    std::string body;
    for (std::size_t at = 0; at < chunks.size(); at += step) {
      waiting += chunks.substr(at, step);
      auto [used, why] = parser.read_chunks(waiting, body);
      REQUIRE_FALSE(why);
      waiting.erase(0, used);
    }
    CHECK(parser.is_done());
    CHECK(body == "abcde");
    CHECK(waiting.empty());
  }
}
