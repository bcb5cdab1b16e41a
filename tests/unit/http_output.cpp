#include "http/input.hpp"
#include "http/outbox.hpp"
#include "http/reply.hpp"
#include "tests/catch.hpp"

#include <cstring>

using namespace heddle;
using namespace heddle::http;

namespace {

/// Takes all out of `out`, `step` bytes at a time.
std::string drain(outbox& out, std::size_t step) {
  std::string all;
  while (!out.empty()) {
    std::string next;
    for (const auto& buffer : out.front())
      next.append(static_cast<const char*>(buffer.data()),
                  std::min(buffer.size(), step - next.size()));
    out.consume(next.size());
    all += next;
  }
  return all;
}

void fill(input& in, std::string_view text) {
  while (!text.empty()) {
    auto room = in.room(1U << 20U);
    REQUIRE(room.size() > 0);
    auto n = std::min(room.size(), text.size());
    std::memcpy(room.data(), text.data(), n);
    in.filled(n);
    text.remove_prefix(n);
  }
}

} // namespace

TEST_CASE("what goes into an outbox comes out in order", "[http][outbox]") {
  auto step = GENERATE(1, 3, 1000, 1'000'000);
  auto shared = std::make_shared<const std::string>("shared");
  const std::string large(10'000, 'x');
  outbox out;
  std::string expected;
  for (int i = 0; i < 50; ++i) {
    out.text("a" + std::to_string(i));
    out.share(shared, *shared);
    out.take(large);
    out.text("b");
    expected += "a" + std::to_string(i) + *shared + large + "b";
  }
  CHECK(out.bytes() == expected.size());
  CHECK(drain(out, static_cast<std::size_t>(step)) == expected);
  CHECK(shared.use_count() == 1);
  out.text("again");
  CHECK(drain(out, 2) == "again");
}

TEST_CASE("text can be added while text goes out", "[http][outbox]") {
  outbox out;
  out.text("abc");
  out.consume(2);
  out.text("def");
  CHECK(out.bytes() == 4);
  CHECK(drain(out, 1) == "cdef");
}

TEST_CASE("pinned input stays where it is", "[http][input]") {
  input in;
  fill(in, "headrest");
  auto head = in.pin(4, 16);
  CHECK(head == "head");
  CHECK(in.view() == "rest");
  in.use(4);
  for (int i = 0; i < 1000; ++i) { // Far more than its memory.
    fill(in, std::string(10, 'y'));
    REQUIRE(in.view() == std::string(10, 'y'));
    in.use(10);
  }
  CHECK(head == "head");
  in.unpin();
  fill(in, "next");
  CHECK(in.view() == "next");
}

TEST_CASE("input grows to its limit only", "[http][input]") {
  input in;
  for (std::size_t n = 0; n < 100'000; ++n) {
    auto room = in.room(16'384);
    if (room.size() == 0)
      break;
    in.filled(room.size());
  }
  CHECK(in.view().size() == 16'384);
}

TEST_CASE("a head is written as the API has it", "[http][reply]") {
  framing how;
  how.date = "date: now\r\n";
  std::string out;
  write_head(out, problem({errc::conflict, "a \"b\"\n"}), how);
  CHECK(out
        == "HTTP/1.1 409 Conflict\r\ndate: now\r\nvary: Origin\r\n"
           "content-type: application/json\r\n"
           "x-content-type-options: nosniff\r\ncontent-length: 22\r\n\r\n");
  out.clear();
  how.close = true;
  write_head(out, empty_reply(204), how);
  CHECK(out
        == "HTTP/1.1 204 No Content\r\ndate: now\r\nvary: Origin\r\n"
           "connection: close\r\n\r\n");
}

TEST_CASE("every code of an error has its status", "[http][reply]") {
  CHECK(status_of(errc::not_found) == 404);
  CHECK(status_of(errc::conflict) == 409);
  CHECK(status_of(errc::invalid_argument) == 422);
  CHECK(status_of(errc::bad_request) == 400);
  CHECK(status_of(errc::too_large) == 413);
  CHECK(status_of(errc::unavailable) == 503);
  CHECK(status_of(errc::not_built) == 501);
  CHECK(status_of(errc::no_space) == 507);
  CHECK(status_of(errc::forbidden) == 403);
  CHECK(status_of(errc::internal) == 500);
  CHECK(problem({errc::internal, "secret"}).body
        == R"({"detail":"Internal Server Error"})");
}
