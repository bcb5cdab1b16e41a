#include "tests/http/loopback.hpp"

// What is too much, too many or too slow; and what is much but fine.

using namespace heddle;
using namespace heddle::test;
using namespace std::chrono_literals;

namespace {

struct counting : loopback {
  explicit counting(http_options opts = {}) : loopback(std::move(opts)) {
    lines.cancel = [this](const cancel_request&, auto done) {
      ++cancels;
      done(cancel_receipt{});
    };
  }
  std::atomic<int> cancels{0};
};

http_options small_body() {
  http_options opts;
  opts.body_bytes_max = 1000;
  return opts;
}

const std::string too_large
  = "{\"detail\":\"Request body too large (limit: 1000 bytes)\"}";

std::string padded(std::size_t bytes) {
  return by_status + std::string(bytes - by_status.size(), ' ');
}

} // namespace

TEST_CASE("a body over the limit is refused on its announcement",
          "[http][limits]") {
  counting side{small_body()};
  auto peer = side.connect();
  auto expect = GENERATE(as<std::string>{}, "", "Expect: 100-continue\r\n");
  peer.send("POST /runs/cancel HTTP/1.1\r\nHost: a\r\n" + expect
            + "Content-Length: 1001\r\n\r\n");
  auto got = peer.read();
  CHECK(got.status == 413);
  CHECK(got.body == too_large);
  CHECK(got.header("connection") == "close");
  CHECK(peer.ends());
  CHECK(side.cancels == 0);
}

TEST_CASE("chunks are counted as they come", "[http][limits]") {
  counting side{small_body()};
  auto peer = side.connect();
  peer.send("POST /runs/cancel HTTP/1.1\r\nHost: a\r\n"
            "Transfer-Encoding: chunked\r\n\r\n200\r\n"
            + padded(0x200) + "\r\n200\r\n");
  auto got = peer.read();
  CHECK(got.status == 413);
  CHECK(got.body == too_large);
}

TEST_CASE("a body at the limit is taken, in pieces too", "[http][limits]") {
  http_options opts;
  opts.body_bytes_max = 1U << 20U;
  counting side{opts};
  auto body = padded(opts.body_bytes_max);
  CHECK(side.ask("POST", "/runs/cancel", body).status == 204);
  auto peer = side.connect();
  peer.send("POST /runs/cancel HTTP/1.1\r\nHost: a\r\nContent-Length: "
            + std::to_string(body.size()) + "\r\n\r\n");
  for (std::size_t i = 0; i < body.size(); i += 100'000)
    peer.send(std::string_view{body}.substr(i, 100'000));
  CHECK(peer.read().status == 204);
  CHECK(side.cancels == 2);
}

TEST_CASE("who asks whether to go on is told so", "[http][limits]") {
  counting side;
  auto peer = side.connect();
  peer.send("POST /runs/cancel HTTP/1.1\r\nHost: a\r\n"
            "Expect: 100-continue\r\nContent-Length: 16\r\n\r\n");
  CHECK(peer.read_head_only().status == 100);
  peer.send(by_status);
  CHECK(peer.read().status == 204);
}

TEST_CASE("who asks whether to go on is spared the body of an error",
          "[http][limits]") {
  counting side;
  auto peer = side.connect();
  peer.send("POST /nowhere HTTP/1.1\r\nHost: a\r\n"
            "Expect: 100-continue\r\nContent-Length: 16\r\n\r\n");
  CHECK(peer.read_head_only().status == 404);
}

TEST_CASE("the body of a refused request does not become a request",
          "[http][limits]") {
  counting side;
  auto peer = side.connect();
  const std::string inner = "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n";
  peer.request("POST", "/nowhere", inner);
  peer.request("GET", "/ok");
  CHECK(peer.read().status == 404);
  CHECK(peer.read().body == R"({"ok":true,"services":{}})");
}

TEST_CASE("a head byte by byte is a head", "[http][limits]") {
  counting side;
  auto peer = side.connect();
  for (char c : std::string{"POST /runs/cancel HTTP/1.1\r\nHost: a\r\n"
                            "Transfer-Encoding: chunked\r\n\r\n"
                            "10\r\n"
                            + by_status + "\r\n0\r\n\r\n"})
    peer.send({&c, 1});
  CHECK(peer.read().status == 204);
}

TEST_CASE("slow senders and idle connections are ended", "[http][limits]") {
  http_options opts;
  opts.header_timeout = 100ms;
  opts.body_idle_timeout = 100ms;
  opts.keep_alive_timeout = 100ms;
  counting side{opts};
  auto peer = side.connect();
  SECTION("before the first byte") {
    CHECK(peer.ends());
  }
  SECTION("in a head") {
    peer.send("GET /ok HT");
    CHECK(peer.read().status == 408);
    CHECK(peer.ends());
  }
  SECTION("in a body") {
    peer.send("POST /runs/cancel HTTP/1.1\r\nHost: a\r\n"
              "Content-Length: 16\r\n\r\n{");
    CHECK(peer.read().status == 408);
    CHECK(peer.ends());
  }
  SECTION("after an answer") {
    peer.request("GET", "/ok");
    CHECK(peer.read().status == 200);
    CHECK(peer.ends());
  }
}

TEST_CASE("an answer that does not come is given up", "[http][limits]") {
  http_options opts;
  opts.answer_timeout = 50ms;
  loopback side{opts};
  side.lines.settings.stop_grace = 0ms;
  slot<server::callback<thread_record>> late;
  side.lines.get_thread = [&](auto, auto done) { late.put(std::move(done)); };
  auto peer = side.connect();
  peer.request("GET", "/threads/" + thread_text);
  auto got = peer.read();
  CHECK(got.status == 503);
  CHECK(got.header("retry-after") == "1");
  // What comes after all is nobody's answer.
  (*late.take())(error{errc::not_found, "late"});
  peer.request("GET", "/ok");
  CHECK(peer.read().status == 200);
}

TEST_CASE("above the limit of connections one may still cancel",
          "[http][limits]") {
  http_options opts;
  opts.connections_max = 1;
  opts.reserved_connections = 1;
  counting side{opts};
  auto usual = side.connect();
  usual.request("GET", "/ok");
  CHECK(usual.read().status == 200);
  auto spare = side.connect();
  spare.request("GET", "/ok");
  CHECK(spare.read().status == 200);
  spare.request("POST", "/runs/cancel", by_status);
  CHECK(spare.read().status == 204);
  spare.request("GET", "/info");
  auto got = spare.read();
  CHECK(got.status == 503);
  CHECK(got.header("retry-after") == "1");
  CHECK(spare.ends());
}

TEST_CASE("above the reserve a connection is turned away", "[http][limits]") {
  http_options opts;
  opts.connections_max = 1;
  opts.reserved_connections = 0;
  counting side{opts};
  auto usual = side.connect();
  usual.request("GET", "/ok");
  CHECK(usual.read().status == 200);
  auto got = side.connect().read();
  CHECK(got.status == 503);
  CHECK(got.header("retry-after") == "1");
  CHECK(got.body == R"({"detail":"Too many connections"})");
  CHECK(got.whole);
  usual.close();
  // Its place is free as soon as the server has seen that.
  unsigned status = 503;
  for (int i = 0; i < 500 && status == 503; ++i)
    status = side.ask("GET", "/ok").status;
  CHECK(status == 200);
}

TEST_CASE("a second server on the port fails, with one line",
          "[http][limits]") {
  loopback side;
  http_options opts;
  opts.port = side.http->port();
  auto second = listen_on(side.rt, *side.srv, opts);
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code == errc::unavailable);
  CHECK(second.error().detail
        == "cannot listen on 127.0.0.1:" + std::to_string(opts.port)
             + ": Address already in use");
}

TEST_CASE("pipelined requests are answered in order", "[http][pipelining]") {
  counting side;
  std::mutex mutex;
  std::vector<server::callback<run_record>> waiting;
  side.lines.get_run = [&](auto id, auto done) {
    // Every other answer comes later, from another thread.
    auto run = a_run_record();
    run.id = id;
    if (id.bytes()[15] % 2 == 0)
      return done(run);
    side.rt.after(1ms, [run, done = std::move(done)] { done(run); });
  };
  auto peer = side.connect();
  const auto prefix
    = "/threads/" + thread_text + "/runs/0190b6a1-7e4c-7000-8000-0000000000";
  for (int i = 10; i < 60; ++i)
    peer.request("GET", prefix + std::to_string(i));
  for (int i = 10; i < 60; ++i) {
    auto got = peer.read();
    CHECK(got.status == 200);
    CHECK_THAT(got.body, Contains("8000-0000000000" + std::to_string(i)));
  }
}

TEST_CASE("who pipelines without reading is not read from for ever",
          "[http][pipelining]") {
  loopback side;
  std::atomic<int> asked{0};
  side.lines.get_state = [&](auto, auto done) {
    ++asked;
    done(json_text{'"' + std::string(100'000, 'x') + '"'});
  };
  auto peer = side.connect(/*receive_bytes=*/4096);
  const auto path = "/threads/" + thread_text + "/state";
  constexpr int total = 200;
  for (int i = 0; i < total; ++i)
    peer.request("GET", path);
  CHECK(asked < total); // 20 MB of answers: more than the kernel takes.
  for (int i = 0; i < total; ++i)
    CHECK(peer.read().body.size() == 100'002);
  CHECK(asked == total);
}
