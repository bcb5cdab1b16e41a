#include "worker/wire/decode.hpp"
#include "worker/wire/msgpack.hpp"

#include "tests/catch.hpp"

#include <functional>
#include <random>

using namespace heddle;
using namespace heddle::worker;
using wire::packer;

namespace {

result<std::pair<run_no, report>> decoded(std::string bytes) {
  return wire::decode(std::make_shared<const std::string>(std::move(bytes)));
}

packer frame(std::string_view type, run_no run) {
  packer out;
  out.array(3).text(type).natural(run);
  return out;
}

std::string events_frame() {
  auto out = frame("events", 7);
  out.array(2);
  out.array(2).text("values").bytes(R"({"a":1})");
  out.array(2).text("custom").bytes("null");
  return out.take();
}

std::string put_frame() {
  auto out = frame("put", 3);
  out.map(9);
  out.text("seq").natural(70'000);
  out.text("ns").text("");
  out.text("id").text("1ef");
  out.text("parent").nil();
  out.text("head").array(2).text("msgpack").bytes("\x80\xFF");
  out.text("metadata").bytes("{}");
  out.text("values").array(2);
  out.array(5).text("a").text("1.9").text("json").bytes("1").bytes("1");
  out.array(5).text("b").text("1.8").text("pickle").bytes("\x01").nil();
  out.text("versions").array(1).array(2).text("a").text("1.9");
  out.text("temporary").boolean(false);
  return out.take();
}

std::string writes_frame() {
  auto out = frame("writes", 3);
  out.map(6).text("seq").natural(4).text("ns").text("n").text("id").text("i");
  out.text("task").text("t").text("path").text("~");
  out.text("items").array(1).array(5).integer(-3).text("__interrupt__");
  out.text("msgpack").bytes("\x01").bytes("[]");
  return out.take();
}

std::string hello_frame(std::uint64_t protocol = 1) {
  auto out = frame("hello", 0);
  out.map(6).text("protocol").natural(protocol);
  out.text("language").text("python").text("pid").natural(4711);
  out.text("versions").map(1).text("langgraph").text("1.2.0");
  out.text("features").array(1).text("raise");
  out.text("graphs").array(2);
  out.map(3).text("id").text("good").text("schemas").bytes("{}");
  out.text("description").nil();
  out.map(2).text("id").text("bad").text("error").map(3);
  out.text("text").text("boom").text("file").text("g.py");
  out.text("line").natural(12);
  return out.take();
}

std::string end_frame() {
  auto out = frame("end", 9);
  out.map(3).text("outcome").text("error").text("error").map(2);
  out.text("error").text("ValueError").text("message").text("no");
  out.text("events").natural(12);
  return out.take();
}

/// One valid frame of each shape, as seeds for damage.
std::vector<std::string> samples() {
  std::vector<std::string> all{events_frame(), put_frame(), writes_frame(),
                               hello_frame(), end_frame()};
  auto view = frame("view", 3);
  view.map(5).text("ns").text("").text("id").text("1ef");
  view.text("shape").array(1).text("a").text("next").array(1).text("n");
  view.text("tasks").bytes("[]");
  all.push_back(view.take());
  auto list = frame("list", 3);
  list.map(5).text("req").natural(1).text("ns").nil().text("before").nil();
  list.text("limit").natural(10).text("filter").bytes("{}");
  all.push_back(list.take());
  auto answer = frame("answer", 5);
  answer.map(2).text("ok").boolean(false).text("error").map(2);
  answer.text("code").text("invalid").text("text").text("why");
  all.push_back(answer.take());
  all.push_back(frame("started", 3).map(0).take());
  return all;
}

/// What the decoder says against `bytes`.
std::string problem(std::string bytes) {
  auto got = decoded(std::move(bytes));
  REQUIRE_FALSE(got.has_value());
  CHECK(got.error().code == errc::bad_request);
  return got.error().detail;
}

template <class T>
T body(std::string bytes) {
  auto got = decoded(std::move(bytes));
  if (!got.has_value())
    FAIL(got.error().detail);
  return std::get<T>(got->second);
}

} // namespace

TEST_CASE("a batch of events shares the frame's bytes", "[worker][decode]") {
  auto bytes = std::make_shared<const std::string>(events_frame());
  auto got = wire::decode(bytes);
  REQUIRE(got.has_value());
  CHECK(got->first == 7);
  const auto& emitted = std::get<events>(got->second);
  REQUIRE(emitted.items.size() == 2);
  CHECK(emitted.items[0].name == "values");
  CHECK(emitted.items[0].data.view() == R"({"a":1})");
  CHECK(emitted.cost == bytes->size());
  auto* at = emitted.items[0].data.view().data();
  CHECK((at > bytes->data() && at < bytes->data() + bytes->size()));
}

TEST_CASE("a checkpoint arrives with values, blobs and versions",
          "[worker][decode]") {
  auto got = body<put>(put_frame());
  CHECK(got.seq == 70'000);
  CHECK(got.parent.empty());
  CHECK(got.head.type == "msgpack");
  CHECK(got.head.bytes.view() == "\x80\xFF");
  REQUIRE(got.values.size() == 2);
  CHECK(got.values[0].json.view() == "1");
  CHECK(got.values[1].json.empty());
  CHECK(got.values[1].data.type == "pickle");
  REQUIRE(got.versions.size() == 1);
  CHECK(got.versions[0].second == "1.9");
}

TEST_CASE("pending writes keep their negative index", "[worker][decode]") {
  auto got = body<writes>(writes_frame());
  REQUIRE(got.items.size() == 1);
  CHECK(got.items[0].idx == -3);
  CHECK(got.items[0].json.view() == "[]");
}

TEST_CASE("hello tells graphs that load from those that do not",
          "[worker][decode]") {
  auto got = body<hello>(hello_frame());
  CHECK(got.pid == 4711);
  CHECK(got.versions.view() == R"({"langgraph":"1.2.0"})");
  REQUIRE(got.graphs.size() == 2);
  CHECK(got.graphs[0].error.empty());
  CHECK(got.graphs[0].schemas.view() == "{}");
  CHECK(got.graphs[1].error == "g.py:12: boom");
  CHECK_THAT(problem(hello_frame(2)), Contains("version 2"));
}

TEST_CASE("an end with an error says which", "[worker][decode]") {
  auto got = body<end>(end_frame());
  CHECK(got.outcome == end_outcome::error);
  CHECK(got.error_name == "ValueError");
  CHECK(got.events == 12);
  auto bare = frame("end", 9);
  bare.map(2).text("outcome").text("error").text("events").natural(0);
  CHECK_THAT(problem(bare.take()), Contains("no field 'error'"));
}

TEST_CASE("an answer is a value or an error", "[worker][decode]") {
  auto good = frame("answer", 5);
  good.map(2).text("ok").boolean(true).text("result").bytes("[1]");
  auto value = body<answer>(good.take()).value;
  REQUIRE(value.has_value());
  CHECK(value->view() == "[1]");
  auto bad = frame("answer", 5);
  bad.map(2).text("ok").boolean(false).text("error").map(2);
  bad.text("code").text("not_found").text("text").text("gone");
  CHECK(body<answer>(bad.take()).value.error()
        == error{errc::not_found, "gone"});
  auto empty = frame("answer", 5);
  empty.map(1).text("ok").boolean(true);
  CHECK_THAT(problem(empty.take()), Contains("no field 'result'"));
}

TEST_CASE("the latest state is JSON throughout", "[worker][decode]") {
  auto state = [](std::string_view next) {
    auto out = frame("state", 2);
    out.map(4).text("values").bytes("{}").text("next").bytes(next);
    out.text("tasks").bytes("[]").text("interrupts").bytes("[]");
    return out.take();
  };
  CHECK(body<latest_state>(state(R"(["a","\u00fc"])")).next
        == std::vector<std::string>{"a", "ü"});
  CHECK(body<latest_state>(state("[]")).next.empty());
  for (auto bad : {"{}", "[1]", "null"})
    CHECK(problem(state(bad)) == "state: next: not an array of strings");
}

TEST_CASE("a misfit is named with its place", "[worker][decode]") {
  CHECK_THAT(problem(""), Contains("ends early"));
  CHECK_THAT(problem(packer{}.map(0).take()), Contains("not an array"));
  CHECK_THAT(problem(packer{}.array(2).text("end").natural(1).take()),
             Contains("not an array of 3"));
  CHECK(problem(frame("nonsense\x1B", 1).map(0).take())
        == "unknown type 'nonsense\\x1b'");
  CHECK(problem(frame("started", 1).map(0).nil().take())
        == "bytes after the frame's value");
  CHECK(problem(frame("started", 1).map(1).text("a").nil().take())
        == "started: not an empty map");
  CHECK(problem(frame("beat", 0).map(1).text("where").natural(3).take())
        == "beat: where: not a string");
  CHECK(problem(frame("beat", 0).map(0).take()) == "beat: no field 'where'");
  CHECK(problem(frame("beat", 0).map(1).text("where").nil().take())
        == "beat: where: not a string");
  CHECK(problem(frame("beat", 0)
                  .map(2)
                  .text("where")
                  .text("a")
                  .text("where")
                  .text("b")
                  .take())
        == "beat: where: given twice");
}

TEST_CASE("numbers must fit their field", "[worker][decode]") {
  auto with_seq = [](std::function<void(packer&)> put) {
    auto out = frame("pong", 0);
    out.map(3).text("n").natural(1).text("busy_threads").natural(0);
    out.text("lag_ms");
    put(out);
    return out.take();
  };
  CHECK(body<pong>(with_seq([](packer& p) { p.natural(0xFFFFFFFFU); })).lag_ms
        == 0xFFFFFFFFU);
  for (auto value : {-1LL, 0x100000000LL})
    CHECK_THAT(problem(with_seq([value](packer& p) { p.integer(value); })),
               StartsWith("pong: lag_ms: "));
}

TEST_CASE("texts must be UTF-8 and payloads JSON", "[worker][decode]") {
  auto event = [](std::string_view name, std::string_view data) {
    return frame("events", 1).array(1).array(2).text(name).bytes(data).take();
  };
  CHECK(decoded(event("values", R"(["\ud83d\ude00", 1e3])")).has_value());
  CHECK_THAT(problem(event("\xFF", "1")), Contains("not UTF-8"));
  for (auto text : {"", "{", "1 2", "{'a':1}", "NaN", "[1,]", "\"\xFF\"",
                    "// x\n1", "\"\n\""})
    CHECK_THAT(problem(event("values", text)), Contains("not JSON"));
  std::string deep(10'000, '[');
  CHECK_THAT(problem(event("values", deep)), Contains("not JSON"));
}

TEST_CASE("unknown fields are skipped, whatever they hold",
          "[worker][decode]") {
  auto out = frame("beat", 0);
  out.map(2).text("new").array(3).map(1).text("k").bytes("v").integer(-5);
  out.array(0).text("where").text("a.py:1");
  CHECK(body<beat>(out.take()).where == "a.py:1");
}

TEST_CASE("claimed counts and lengths beyond the frame are refused",
          "[worker][decode]") {
  using namespace std::string_literals;
  std::pair<std::string, std::string> cases[] = {
    {"\xDD\xFF\xFF\xFF\xFF"s, "ends early"},         // 2^32 - 1 events.
    {"\x91\x92\xDB\xFF\xFF\xFF\xFF"s, "ends early"}, // A text of 4 GiB.
    {"\x91\x92\xDB\xFF"s, "ends early"},
    {"\x91\x92\xA1x\xC6\xFF\xFF\xFF\xFF"s, "ends early"},
    {"\xDC\x01"s, "ends early"},
  };
  for (const auto& [tail, why] : cases)
    CHECK_THAT(problem(frame("events", 1).take() + tail), Contains(why));
  // In a field that is skipped too.
  auto unknown = frame("beat", 0).map(1).text("x").take();
  CHECK_THAT(problem(unknown + "\xDF\x80\x00\x00\x00"s), Contains("early"));
  CHECK_THAT(problem(unknown + "\xC1"s), Contains("type"));
}

TEST_CASE("truncated frames are refused, at every byte", "[worker][decode]") {
  for (const auto& whole : samples()) {
    REQUIRE(decoded(whole).has_value());
    for (std::size_t size = 0; size < whole.size(); ++size)
      REQUIRE_FALSE(decoded(whole.substr(0, size)).has_value());
  }
}

TEST_CASE("damaged frames never do harm", "[worker][decode][fuzz]") {
  auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random{seed};
  auto seeds = samples();
  int accepted = 0;
  for (int i = 0; i < 40'000; ++i) {
    auto bytes = seeds[random() % seeds.size()];
    for (auto n = 1 + random() % 4; n > 0; --n) {
      auto at = random() % bytes.size();
      switch (random() % 4) {
        case 0: bytes[at] = static_cast<char>(random()); break;
        case 1: bytes[at] ^= static_cast<char>(1U << random() % 8); break;
        case 2: bytes.insert(at, 1, static_cast<char>(random())); break;
        default:
          if (bytes.size() > 1)
            bytes.erase(at, 1);
      }
    }
    auto got = decoded(bytes);
    accepted += got.has_value() ? 1 : 0;
    if (!got.has_value())
      REQUIRE_FALSE(got.error().detail.empty());
  }
  CHECK(accepted < 40'000);
}
