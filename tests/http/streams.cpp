#include "tests/http/loopback.hpp"

// How a run's events, waits and joins go over the wire, and how it is seen that
// someone has left.

using namespace heddle;
using namespace heddle::test;
using namespace std::chrono_literals;

namespace {

struct left {
  bool disconnected;
};

/// A run that the test drives: its reader, and how it was followed.
struct driven_run : loopback {
  explicit driven_run(http_options opts = {}) : loopback(std::move(opts)) {
    lines.create_run
      = [this](auto, run_create what, auto to, follow_options how, auto done) {
          asked = std::move(what);
          follow = std::move(how);
          done(server::created_run{a_run_record(), place()});
          reader.put(std::move(to));
        };
    lines.follow_run = [this](auto to, follow_options how, auto done) {
      follow = std::move(how);
      done(place());
      reader.put(std::move(to));
    };
    lines.leave = [this](const follower& who, bool disconnected) {
      CHECK(who.no == 7);
      gone.put({disconnected});
    };
  }

  static follower place() { return {a_thread(), a_run(), 7}; }

  std::shared_ptr<run_reader> begin(client& peer, std::string_view path,
                                    std::string_view body
                                    = R"({"assistant_id":"agent"})") {
    peer.request("POST", path, body);
    auto to = reader.take();
    REQUIRE(to);
    return *to;
  }

  run_create asked;
  follow_options follow;
  slot<std::shared_ptr<run_reader>> reader;
  slot<left> gone;
};

void push(run_reader& to, std::string name, std::string data) {
  event_ptr event = make_event(std::move(name), json_text{std::move(data)});
  to.push({&event, 1});
}

const std::string runs = "/threads/" + thread_text + "/runs";

} // namespace

TEST_CASE("a stream is made of frames in chunks, with the API's headers",
          "[http][stream]") {
  driven_run side;
  auto peer = side.connect();
  auto to = side.begin(peer, runs + "/stream");
  push(*to, "metadata", R"({"attempt":1})");
  auto got = peer.read(/*to_head=*/true);
  CHECK(got.status == 200);
  CHECK(got.header("content-type") == "text/event-stream; charset=utf-8");
  CHECK(got.header("location") == run_route + "/stream");
  CHECK(got.header("content-location") == run_route);
  CHECK(got.header("cache-control") == "no-store");
  CHECK(got.header("connection") == "keep-alive");
  CHECK(got.header("x-accel-buffering") == "no");
  CHECK(got.header("vary") == "Origin");
  CHECK(got.header("transfer-encoding") == "chunked");
  CHECK(peer.chunk() == "event: metadata\r\ndata: {\"attempt\":1}\r\n\r\n");
  push(*to, "values", "{}");
  CHECK(peer.chunk() == "event: values\r\ndata: {}\r\n\r\n");
  to->end({});
  CHECK(peer.chunk() == "");
  // The connection goes on.
  peer.request("GET", "/ok");
  CHECK(peer.read().status == 200);
  CHECK_FALSE(side.gone.take(50ms));
}

TEST_CASE("what is pushed before the head is known is not lost",
          "[http][stream]") {
  driven_run side;
  side.lines.create_run = [](auto, auto, auto to, auto, auto done) {
    push(*to, "values", "1");
    to->end({});
    done(server::created_run{a_run_record(), driven_run::place()});
  };
  auto got = side.ask("POST", "/runs/stream", R"({"assistant_id":"agent"})");
  CHECK(got.status == 200);
  CHECK(got.whole);
  CHECK(got.body == "event: values\r\ndata: 1\r\n\r\n");
  CHECK(got.header("location") == "/runs/" + run_text + "/stream");
  CHECK(got.header("content-location") == "/runs/" + run_text);
}

TEST_CASE("a run that cannot be created is a plain error", "[http][stream]") {
  driven_run side;
  side.lines.create_run = [](auto, auto, auto, auto, auto done) {
    done(error{errc::not_found, "Thread or assistant not found."});
  };
  auto path = GENERATE(as<std::string>{}, "/stream", "/wait");
  auto got = side.ask("POST", runs + path, R"({"assistant_id":"agent"})");
  CHECK(got.status == 404);
  CHECK(got.body == R"({"detail":"Thread or assistant not found."})");
}

TEST_CASE("a quiet stream has heartbeats", "[http][stream]") {
  http_options opts;
  opts.heartbeat = 30ms;
  driven_run side{opts};
  auto peer = side.connect();
  auto to = side.begin(peer, runs + "/stream");
  peer.read(/*to_head=*/true);
  CHECK(peer.chunk() == ": heartbeat\r\n\r\n");
  CHECK(peer.chunk() == ": heartbeat\r\n\r\n");
  to->end({});
}

TEST_CASE("a stream says why it ends", "[http][stream]") {
  driven_run side;
  auto peer = side.connect();
  peer.request("GET", run_route + "/stream", {},
               "Last-Event-ID: 1795385690803-0\r\n");
  auto to = *side.reader.take();
  CHECK(side.follow.last_event_id == "1795385690803-0");
  SECTION("over") {
    to->end({});
    auto got = peer.read();
    CHECK(got.whole);
    CHECK(got.body.empty());
    CHECK(got.header("location") == run_route + "/stream");
  }
  SECTION("never there") {
    to->end({end_reason::not_found, {}});
    auto got = peer.read();
    CHECK(got.whole);
    CHECK(got.body
          == "event: error\r\ndata: {\"error\":\"HTTPException\","
             "\"message\":\"404: Run not found\"}\r\n\r\n");
  }
  SECTION("what was asked for is not kept") {
    to->end({end_reason::resume_gap, {}});
    auto got = peer.read();
    CHECK(got.whole);
    CHECK_THAT(got.body, StartsWith("event: error\r\ndata: "
                                    "{\"error\":\"resume_gap\""));
  }
  SECTION("the server stops: this is no end") {
    push(*to, "values", "1");
    to->end({end_reason::unavailable, {}});
    auto got = peer.read();
    CHECK_FALSE(got.whole);
    CHECK(got.body == "event: values\r\ndata: 1\r\n\r\n");
    CHECK(peer.ends());
  }
}

TEST_CASE("modes come as one, as an array or repeated", "[http][stream]") {
  driven_run side;
  auto peer = side.connect();
  auto query
    = GENERATE(as<std::string>{}, "stream_mode=values&stream_mode=custom",
               "stream_mode=[%22values%22,%22custom%22]");
  peer.request("GET", run_route + "/stream?cancel_on_disconnect=TRUE&" + query);
  auto to = *side.reader.take();
  CHECK(side.follow.modes == std::vector<std::string>{"values", "custom"});
  CHECK(side.follow.cancel_on_disconnect);
  CHECK_FALSE(side.follow.wait);
  to->end({});
  peer.read();
}

TEST_CASE("a wait keeps the connection alive, then answers the document",
          "[http][stream]") {
  http_options opts;
  opts.heartbeat = 30ms;
  driven_run side{opts};
  auto peer = side.connect();
  auto to = side.begin(peer, runs + "/wait");
  CHECK(side.follow.wait);
  auto got = peer.read(/*to_head=*/true);
  CHECK(got.header("content-type") == "application/json");
  CHECK(got.header("location") == run_route + "/join");
  CHECK(got.header("content-location") == run_route);
  CHECK_FALSE(got.has("cache-control"));
  CHECK(peer.chunk() == "\n");
  to->end({end_reason::over, json_text{R"({"n":1})"}});
  auto last = peer.chunk();
  while (last == "\n")
    last = peer.chunk();
  CHECK(last == R"({"n":1})");
  CHECK(peer.chunk() == "");
}

TEST_CASE("a join of nothing answers that there is no such run",
          "[http][stream]") {
  driven_run side;
  auto peer = side.connect();
  peer.request("GET", run_route + "/join");
  (*side.reader.take())->end({end_reason::not_found, {}});
  auto got = peer.read();
  CHECK(got.status == 200);
  CHECK(got.body
        == R"({"__error__":{"error":"HTTPException",)"
           R"("message":"404: Run not found"}})");
}

TEST_CASE("HEAD of a stream follows nothing", "[http][stream]") {
  driven_run side;
  auto got = side.ask("HEAD", run_route + "/stream");
  CHECK(got.status == 200);
  CHECK(got.header("content-type") == "text/event-stream; charset=utf-8");
  CHECK_FALSE(side.reader.take(20ms));
}

TEST_CASE("HTTP/1.0 gets the events until the connection ends",
          "[http][stream]") {
  driven_run side;
  auto peer = side.connect();
  peer.send("GET " + run_route + "/stream HTTP/1.0\r\n\r\n");
  auto to = *side.reader.take();
  push(*to, "values", "1");
  to->end({});
  auto got = peer.read_head_only();
  CHECK(got.header("connection") == "close");
  CHECK_FALSE(got.has("transfer-encoding"));
}

TEST_CASE("who closes has left, at once", "[http][stream][disconnect]") {
  driven_run side;
  auto peer = side.connect();
  auto path = GENERATE(as<std::string>{}, "/stream", "/wait");
  auto to = side.begin(peer, runs + path);
  peer.read(/*to_head=*/true);
  auto begun = std::chrono::steady_clock::now();
  SECTION("with the usual goodbye") {
    peer.close();
  }
  SECTION("with a reset") {
    peer.reset();
  }
  auto gone = side.gone.take();
  auto took = std::chrono::steady_clock::now() - begun;
  REQUIRE(gone);
  CHECK(gone->disconnected);
  CHECK(took < 4s); // 0.1 ms on an idle machine; a heartbeat comes at 5 s.
  push(*to, "values", "1");
  to->end({});
  CHECK(side.ask("GET", "/ok").status == 200);
}

TEST_CASE("who closes before the head is known has left",
          "[http][stream][disconnect]") {
  driven_run side;
  slot<server::callback<server::created_run>> answer;
  side.lines.create_run
    = [&](auto, auto, auto, auto, auto done) { answer.put(std::move(done)); };
  auto peer = side.connect();
  peer.request("POST", runs + "/stream", R"({"assistant_id":"agent"})");
  auto done = answer.take();
  REQUIRE(done);
  peer.close();
  (*done)(server::created_run{a_run_record(), driven_run::place()});
  auto gone = side.gone.take();
  REQUIRE(gone);
  CHECK(gone->disconnected);
}

TEST_CASE("who only stops sending goes on reading",
          "[http][stream][disconnect]") {
  http_options opts;
  opts.heartbeat = 30ms;
  driven_run side{opts};
  auto peer = side.connect();
  auto to = side.begin(peer, runs + "/stream");
  peer.finish_sending();
  peer.read(/*to_head=*/true);
  CHECK(peer.chunk() == ": heartbeat\r\n\r\n"); // The probe.
  CHECK_FALSE(side.gone.take(200ms));
  push(*to, "values", "1");
  auto next = peer.chunk();
  while (next == ": heartbeat\r\n\r\n")
    next = peer.chunk();
  CHECK(next == "event: values\r\ndata: 1\r\n\r\n");
  to->end({});
  while (next && !next->empty())
    next = peer.chunk();
  CHECK(next == "");
  CHECK(peer.ends());
  CHECK_FALSE(side.gone.take(20ms));
}

TEST_CASE("a request behind a stream waits for its end", "[http][stream]") {
  driven_run side;
  auto peer = side.connect();
  auto to = side.begin(peer, runs + "/stream");
  peer.request("GET", "/ok");
  push(*to, "values", "1");
  peer.read(/*to_head=*/true);
  CHECK(peer.chunk() == "event: values\r\ndata: 1\r\n\r\n");
  to->end({});
  CHECK(peer.chunk() == "");
  CHECK(peer.read().body == R"({"ok":true,"services":{}})");
}

TEST_CASE("a reader that does not read is cut, and has not left",
          "[http][stream][bounds]") {
  http_options opts;
  opts.unsent_bytes_max = 64U << 10U;
  driven_run side{opts};
  auto slow = side.connect(/*receive_bytes=*/4096);
  auto to = side.begin(slow, runs + "/stream");
  auto other = side.connect();
  auto to_other = side.begin(other, runs + "/stream");
  other.read(/*to_head=*/true);
  auto data = '"' + std::string(32U << 10U, 'x') + '"';
  event_ptr event = make_event("values", json_text{data});
  // The kernel takes some megabytes on its own account; then it is enough.
  std::optional<left> gone;
  for (int i = 0; i < 1000 && !gone; ++i) {
    to->push({&event, 1});
    to_other->push({&event, 1});
    for (std::size_t n = 0; n < event->wire.size();)
      n += other.chunk().value_or("").size();
    gone = side.gone.take(1ms);
  }
  REQUIRE(gone);
  CHECK_FALSE(gone->disconnected);
  CHECK(event.use_count() < 100); // Nothing is kept for it.
  auto got = slow.read();
  CHECK_FALSE(got.whole);
  to_other->end({});
  CHECK(other.chunk() == "");
}

TEST_CASE("a replay may be larger than what may wait",
          "[http][stream][bounds]") {
  http_options opts;
  opts.unsent_bytes_max = 4U << 10U;
  driven_run side{opts};
  auto peer = side.connect(/*receive_bytes=*/4096);
  auto to = side.begin(peer, runs + "/stream");
  auto data = '"' + std::string(32U << 10U, 'x') + '"';
  std::vector<event_ptr> events;
  for (int i = 0; i < 400; ++i)
    events.push_back(make_event("values", json_text{data}));
  to->push(events);
  push(*to, "values", "1");
  to->end({});
  auto got = peer.read();
  CHECK(got.whole);
  CHECK(got.body.size() > 400 * data.size());
}

TEST_CASE("a write that is stuck for too long ends the connection",
          "[http][stream][bounds]") {
  http_options opts;
  opts.write_stall_timeout = 100ms;
  driven_run side{opts};
  auto peer = side.connect(/*receive_bytes=*/4096);
  auto to = side.begin(peer, runs + "/stream");
  event_ptr event
    = make_event("values", json_text{'"' + std::string(8U << 20U, 'x') + '"'});
  to->push({&event, 1});
  auto gone = side.gone.take();
  REQUIRE(gone);
  CHECK_FALSE(gone->disconnected);
}

TEST_CASE("closing the HTTP side cuts streams, which is no leaving",
          "[http][stream]") {
  driven_run side;
  auto peer = side.connect();
  auto to = side.begin(peer, runs + "/stream");
  peer.read(/*to_head=*/true);
  slot<bool> closed;
  side.http->close_all([&] { closed.put(true); });
  CHECK(closed.take());
  auto gone = side.gone.take();
  REQUIRE(gone);
  CHECK_FALSE(gone->disconnected);
  CHECK_FALSE(peer.chunk());
}
