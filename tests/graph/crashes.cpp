// Wherever an executor is cut off, the next attempt ends with the same values
// and runs no node again that had finished and been kept.

#include "tests/catch.hpp"
#include "tests/graph/graphs.hpp"
#include "tests/graph/world.hpp"

using namespace heddle;
using namespace heddle::graph;
using namespace heddle::graph::test;

namespace {

struct subject {
  const char* name;
  compiled (*make)(counts*);
  const char* input;
};

const subject subjects[] = {
  {"chain", chain, R"({"topic":"t"})"},
  {"parallel", parallel, R"({"topic":"t"})"},
  {"fan-out", fan_out, R"({"topic":"t"})"},
  {"branching", branching, R"({"topic":"left"})"},
};

std::string kwargs(const subject& of, const std::string& durability) {
  return std::string{"{\"input\":"} + of.input + ",\"durability\":\""
         + durability + "\"}";
}

std::string undisturbed(const subject& of) {
  world place;
  place.run(of.make(nullptr), kwargs(of, "async"));
  return place.values();
}

/// The same run again, as the server orders it after a crash.
void finish(world& in, const compiled& graph, worker::start order) {
  in.cut_after.reset();
  order.attempt = 2;
  order.resume = in.stored().has_value()
                 && member(in.stored()->metadata, "run_id") == order.run.str();
  in.run(graph, std::move(order));
}

} // namespace

TEST_CASE("a run that was cut off anywhere ends as if nothing had happened",
          "[graph][crash]") {
  auto durability = GENERATE(as<std::string>{}, "async", "sync", "exit");
  for (const auto& subject : subjects) {
    auto expected = undisturbed(subject);
    for (std::size_t at = 0; at < 12; ++at) {
      INFO(subject.name << " " << durability << " cut after " << at);
      world place;
      counts ran;
      auto graph = subject.make(&ran);
      auto order = place.order(kwargs(subject, durability));
      place.cut_after = at;
      place.run(graph, order);
      auto finished = !place.cut;
      if (!finished)
        finish(place, graph, order);
      CHECK(place.values() == expected);
      if (finished)
        break;
    }
  }
}

TEST_CASE("what was kept of a step before a crash does not run again",
          "[graph][crash]") {
  for (std::size_t at = 0; at < 8; ++at) {
    INFO("cut after " << at);
    world place;
    counts ran;
    auto graph = parallel(&ran);
    auto order = place.order(R"({"input":{"topic":"t"}})");
    place.cut_after = at;
    place.run(graph, order);
    if (!place.cut)
      return;
    auto before = ran;
    // Saves are: input, start, step 0, then a, b, c, step 1, join.
    counts kept;
    for (std::size_t i = 3; i < 6; ++i)
      if (at >= i)
        kept[std::string(1, static_cast<char>('a' + i - 3))] = 1;
    finish(place, graph, order);
    for (const auto& [name, times] : kept)
      CHECK(ran[name] == before[name]);
    CHECK(place.values().find(R"("log":["a","b","c"])") != std::string::npos);
  }
}

TEST_CASE("a resume that was cut off still has its answer", "[graph][crash]") {
  for (std::size_t at = 0; at < 8; ++at) {
    INFO("cut after " << at);
    world place;
    auto graph = human(nullptr);
    place.run(graph, R"({"input":{"topic":"t"}})");
    auto order = place.order(R"({"command":{"resume":"yes"}})");
    place.cut_after = at;
    place.run(graph, order);
    bool cut = place.cut;
    place.cut_after.reset();
    if (cut) {
      order.attempt = 2;
      order.resume = true; // The store holds a write of this run.
      place.run(graph, order);
    }
    CHECK(place.values()
          == R"({"topic":"t","draft":"yes","log":["ask","side","work"]})");
    if (!cut)
      return;
  }
}

TEST_CASE("a cancel at any point is the last word", "[graph][cancel]") {
  auto action
    = GENERATE(worker::stop_action::interrupt, worker::stop_action::rollback);
  for (std::size_t at = 0; at < 14; ++at) {
    INFO("cancelled after " << at << " saves");
    world place;
    place.hold_saves = true;
    place.begin(make_run(
      parallel(), place.order(R"({"input":{"topic":"t"},"durability":"sync"})"),
      place.chance));
    std::size_t answered = 0;
    place.turn();
    while (answered < at && !place.held.empty()) {
      auto seq = place.held.front();
      place.held.erase(place.held.begin());
      place.perform(place.current->stored(seq));
      place.turn();
      ++answered;
    }
    if (place.told.end)
      return;
    place.perform(place.current->cancel({action, "why", {}}));
    auto events = place.told.events.size();
    CHECK(!place.current->emits());
    CHECK(place.current->cancel({action, "again", {}}).empty());
    place.turn();
    for (auto seq : std::exchange(place.held, {}))
      place.perform(place.current->stored(seq));
    place.turn();
    REQUIRE(place.told.end);
    CHECK(place.told.end->outcome == worker::end_outcome::cancelled);
    CHECK(place.told.clean);
    CHECK(place.told.events.size() == events);
    CHECK(place.told.kinds.back() == "clean");
    CHECK(place.told.kinds[place.told.kinds.size() - 2] == "end");
  }
}

TEST_CASE_METHOD(world, "a cancel ends a coroutine at its wait",
                 "[graph][cancel]") {
  bool unwound = false;
  builder made;
  made.channel("x").node(
    "n", [&](json_text, node_context& context) -> task<node_result> {
      struct guard {
        bool& flag;
        ~guard() { flag = true; }
      } on_exit{unwound};
      co_await delay(std::chrono::hours{24});
      context.write(json_text{"1"});
      co_return node_result{};
    });
  time_passes = false;
  made.entry("n");
  begin(
    make_run(made.compile().value(), order(R"({"input":{"x":1}})"), chance));
  turn();
  CHECK(host->timers.size() == 1);
  perform(current->cancel({worker::stop_action::interrupt, "why", {}}));
  CHECK(told.end);
  CHECK(!told.clean);
  turn();
  CHECK(told.clean);
  CHECK(unwound);
  CHECK(host->timers.empty());
  CHECK(told.events.size() == 1);
}

TEST_CASE_METHOD(world, "a node that ignores the cancel delays only clean",
                 "[graph][cancel]") {
  builder made;
  node_context* kept = nullptr;
  made.channel("x").node(
    "n", [&](json_text, node_context& context) -> task<node_result> {
      kept = &context;
      for (;;) {
        try {
          co_await delay(std::chrono::hours{1});
        } catch (const run_cancelled&) {
          break; // Swallowed: it goes on to its end.
        }
      }
      context.write(json_text{"\"late\""});
      co_return json_text{R"({"x":2})"};
    });
  time_passes = false;
  made.entry("n");
  begin(make_run(made.compile().value(),
                 order(R"({"input":{"x":1},"stream_mode":["custom"]})"),
                 chance));
  turn();
  perform(current->cancel({worker::stop_action::interrupt, "why", {}}));
  CHECK(told.end);
  turn();
  CHECK(told.clean);
  CHECK(told.events.empty());
  CHECK(values() == R"({"x":1})");
}

TEST_CASE_METHOD(world, "a cancel before the checkpoint is found ends the run",
                 "[graph][cancel]") {
  current = make_run(chain(), order(R"({"input":{"topic":"t"}})"), chance);
  auto first = current->start(); // `started` and `get`, which stays open.
  CHECK(first.size() == 2);
  perform(current->cancel({worker::stop_action::interrupt, "why", {}}));
  CHECK(told.end);
  CHECK(told.clean);
  CHECK(current->found(1, std::nullopt).empty());
}
