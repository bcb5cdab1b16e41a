// Runs through the machine alone, against what a Python graph of the same shape
// does.

#include "tests/catch.hpp"
#include "tests/graph/graphs.hpp"
#include "tests/graph/world.hpp"

using namespace heddle;
using namespace heddle::graph;
using namespace heddle::graph::test;
using strings = std::vector<std::string>;

namespace {

constexpr const char* all_modes
  = R"("stream_mode":["values","updates","custom","messages-tuple"])";

std::string input(const std::string& json, const std::string& rest = "") {
  return "{\"input\":" + json + "," + (rest.empty() ? all_modes : rest) + "}";
}

std::string why(const told_log& of) {
  return of.end ? of.end->error_name + ": " + of.end->error_message : "no end";
}

bool succeeded(const told_log& of) {
  INFO(why(of));
  return of.end && of.end->outcome == worker::end_outcome::success && of.clean;
}

strings nexts(const told_log& of) {
  strings made;
  for (const auto& each : of.views) {
    std::string text;
    for (const auto& name : each.next)
      text += (text.empty() ? "" : ",") + name;
    made.push_back(text);
  }
  return made;
}

} // namespace

TEST_CASE_METHOD(world, "a chain makes a checkpoint for each step",
                 "[graph][run]") {
  auto aut = run(chain(), input(R"({"topic":"t"})"));
  CHECK(succeeded(aut));
  CHECK(aut.kinds == strings{"started", "get",    "put",    "view",   "writes",
                             "events",  "put",    "view",   "writes", "events",
                             "put",     "view",   "writes", "events", "put",
                             "view",    "writes", "events", "put",    "view",
                             "end",     "clean"});
  CHECK(aut.events
        == strings{
          R"(values {"topic":"t","log":[]})",
          R"(updates {"plan":{"draft":"plan t","log":["plan"]}})",
          R"(values {"topic":"t","draft":"plan t","log":["plan"]})",
          R"(updates {"write":{"draft":"plan t!","log":["write"]}})",
          R"(values {"topic":"t","draft":"plan t!","log":["plan","write"]})",
          R"(updates {"quiet":null})"});
  CHECK(aut.end->events == 6);
  CHECK(nexts(aut) == strings{"__start__", "plan", "write", "quiet", ""});
  CHECK(values()
        == R"({"topic":"t","draft":"plan t!","log":["plan","write"]})");
}

TEST_CASE_METHOD(world, "checkpoints are linked, numbered and in order",
                 "[graph][run]") {
  auto aut = run(chain(), input(R"({"topic":"t"})"));
  std::string parent;
  std::int64_t step = -1;
  for (const auto& each : aut.puts) {
    CHECK(each.parent == parent);
    CHECK(each.id > parent);
    CHECK(each.id[14] == '6');
    CHECK(member(each.metadata, "step") == std::to_string(step++));
    CHECK(member(each.metadata, "source")
          == (parent.empty() ? "input" : "loop"));
    CHECK(member(each.metadata, "graph_id") == "g");
    CHECK(member(each.metadata, "thread_id").empty());
    parent = each.id;
  }
  CHECK(aut.puts.size() == 5);
}

TEST_CASE_METHOD(world, "a second run goes on from the thread's state",
                 "[graph][run]") {
  run(chain(), input(R"({"topic":"t"})"));
  auto aut = run(chain(), input(R"({"topic":"u"})"));
  CHECK(succeeded(aut));
  CHECK(values()
        == R"({"topic":"u","draft":"plan u!","log":["plan","write","plan",)"
           R"("write"]})");
}

TEST_CASE_METHOD(world, "parallel nodes run in one step and join",
                 "[graph][run]") {
  auto aut = run(parallel(), input(R"({"topic":"t"})"));
  CHECK(succeeded(aut));
  CHECK(nexts(aut) == strings{"__start__", "a,b,c", "join", ""});
  CHECK(
    values()
    == R"({"topic":"t","draft":"[\"a\",\"b\",\"c\"]","log":["a","b","c"]})");
}

TEST_CASE_METHOD(world, "what a branch sends runs with its own input",
                 "[graph][run]") {
  auto aut = run(fan_out(), input(R"({"topic":"t"})"));
  CHECK(succeeded(aut));
  CHECK(nexts(aut) == strings{"__start__", "split", "work,work,work", ""});
  CHECK(values() == R"({"topic":"t","log":["split","w0","w1","w2"]})");
}

TEST_CASE_METHOD(world, "a branch at the start chooses the first node",
                 "[graph][run]") {
  auto aut = run(branching(), input(R"({"topic":"right"})"));
  CHECK(succeeded(aut));
  CHECK(nexts(aut) == strings{"__start__", "right", ""});
  auto none = run(branching(), input(R"({"topic":"__end__"})"));
  CHECK(succeeded(none));
  auto bad = run(branching(), input(R"({"topic":"nowhere"})"));
  CHECK(bad.end->error_name == "InvalidUpdateError");
}

TEST_CASE_METHOD(world, "a node asks, and goes on with the answer",
                 "[graph][run]") {
  counts ran;
  auto aut = run(human(&ran), input(R"({"topic":"t"})"));
  CHECK(succeeded(aut));
  REQUIRE(aut.state);
  CHECK(aut.state->next == strings{"ask"});
  CHECK(aut.state->values.view() == R"({"topic":"t","log":["side"]})");
  auto asked = aut.named("updates");
  REQUIRE(asked.size() == 2);
  CHECK(
    asked[0].starts_with(R"({"__interrupt__":[{"value":{"q":"ok?"},"id":")"));
  CHECK(asked[1] == R"({"side":{"log":["side"]}})");
  auto resumed = run(human(&ran), R"({"command":{"resume":"yes"}})");
  CHECK(succeeded(resumed));
  CHECK(values()
        == R"({"topic":"t","draft":"yes","log":["ask","side","work"]})");
  CHECK(ran == counts{{"asked", 2}, {"ask", 1}, {"side", 1}, {"work", 1}});
}

TEST_CASE_METHOD(world, "a resume may name the interrupt that it answers",
                 "[graph][run]") {
  auto aut = run(human(), input(R"({"topic":"t"})"));
  auto text = aut.state->interrupts.str();
  auto id = text.substr(text.find("\"id\":\"") + 6, 32);
  auto resumed
    = run(human(), "{\"command\":{\"resume\":{\"" + id + "\":\"mine\"}}}");
  CHECK(succeeded(resumed));
  CHECK(values().find("\"draft\":\"mine\"") != std::string::npos);
}

TEST_CASE_METHOD(world, "a command may update the state and go elsewhere",
                 "[graph][run]") {
  run(chain(), input(R"({"topic":"t"})", R"("interrupt_before":["write"])"));
  auto aut = run(chain(), R"({"command":{"update":{"log":["by hand"]},)"
                          R"("goto":"quiet"}})");
  CHECK(succeeded(aut));
  CHECK(nexts(aut) == strings{"quiet", ""});
  CHECK(values()
        == R"({"topic":"t","draft":"plan t!","log":["plan","by hand",)"
           R"("write"]})");
}

TEST_CASE_METHOD(world,
                 "a run without input and without checkpoint is an error",
                 "[graph][run]") {
  auto aut = run(chain(), "{}");
  CHECK(why(aut) == "EmptyInputError: Received no input for __start__");
}

TEST_CASE_METHOD(world, "the recursion limit ends a run that does not stop",
                 "[graph][run]") {
  auto aut = run(
    endless(), input(R"({"topic":"t"})", R"("config":{"recursion_limit":3})"));
  CHECK(why(aut)
        == "GraphRecursionError: Recursion limit of 3 reached without hitting "
           "a stop condition. You can increase the limit by setting the "
           "`recursion_limit` config key.\nFor troubleshooting, visit: "
           "https://docs.langchain.com/oss/python/langgraph/errors/"
           "GRAPH_RECURSION_LIMIT");
  CHECK(aut.puts.size() == 5);
  CHECK(aut.end->events == 4);
}

TEST_CASE_METHOD(world, "a breakpoint stops a run, and the next one goes on",
                 "[graph][run]") {
  auto kind = GENERATE("before", "after");
  auto where = std::string{"\"interrupt_"} + kind + "\":[\"write\"]";
  auto aut = run(chain(), input(R"({"topic":"t"})",
                                where + ",\"stream_mode\":[\"updates\"]"));
  CHECK(succeeded(aut));
  CHECK(aut.events.back() == R"(updates {"__interrupt__":[]})");
  CHECK(aut.views.back().next
        == strings{kind == std::string{"before"} ? "write" : "quiet"});
  CHECK(!aut.state);
  auto rest = run(chain(), "{}");
  CHECK(succeeded(rest));
  CHECK(values()
        == R"({"topic":"t","draft":"plan t!","log":["plan","write"]})");
}

TEST_CASE_METHOD(world, "with durability exit only the last checkpoint is kept",
                 "[graph][run]") {
  auto aut = run(chain(), input(R"({"topic":"t"})", R"("durability":"exit")"));
  CHECK(succeeded(aut));
  CHECK(aut.puts.size() == 1);
  CHECK(aut.writes.empty());
  CHECK(aut.views.size() == 1);
  CHECK(values()
        == R"({"topic":"t","draft":"plan t!","log":["plan","write"]})");
  auto asked
    = run(human(), input(R"({"topic":"v"})", R"("durability":"exit")"));
  CHECK(asked.puts.size() == 1);
  CHECK(asked.writes.size() == 2);
  CHECK(succeeded(run(human(), R"({"command":{"resume":"yes"}})")));
  CHECK(values().find("\"draft\":\"yes\"") != std::string::npos);
}

TEST_CASE_METHOD(world, "with durability sync a step waits for the store",
                 "[graph][run]") {
  counts ran;
  hold_saves = true;
  auto what = order(input(R"({"topic":"t"})", R"("durability":"sync")"));
  begin(make_run(chain(&ran), what, chance));
  turn();
  CHECK(ran.empty());
  for (int i = 0; i < 20 && !told.end; ++i) {
    for (auto seq : std::exchange(held, {}))
      perform(current->stored(seq));
    turn();
    CHECK(ran["plan"] + ran["write"] + ran["quiet"] <= i + 1);
  }
  CHECK(succeeded(told));
}

TEST_CASE_METHOD(world, "a run ends only when everything is stored",
                 "[graph][run]") {
  hold_saves = true;
  begin(make_run(chain(), order(input(R"({"topic":"t"})")), chance));
  turn();
  CHECK(!told.end);
  auto all = std::exchange(held, {});
  CHECK(all.size() == 9);
  for (auto seq : all) {
    CHECK(!told.end);
    perform(current->stored(seq));
  }
  CHECK(succeeded(told));
}

TEST_CASE_METHOD(world, "a refused save ends the run", "[graph][run]") {
  hold_saves = true;
  begin(make_run(chain(), order(input(R"({"topic":"t"})")), chance));
  turn();
  auto why = GENERATE(worker::refusal::stopping, worker::refusal::store);
  for (auto seq : std::exchange(held, {}))
    perform(current->refused(seq, why, "no room"));
  REQUIRE(told.end);
  CHECK(told.clean);
  CHECK(told.end->outcome
        == (why == worker::refusal::stopping ? worker::end_outcome::cancelled
                                             : worker::end_outcome::error));
}

TEST_CASE_METHOD(world, "a temporary run keeps nothing", "[graph][run]") {
  auto what = order(input(R"({"topic":"t"})"));
  what.temporary = true;
  auto aut = run(chain(), what);
  CHECK(succeeded(aut));
  CHECK(aut.kinds
        == strings{"started", "events", "events", "events", "events", "end",
                   "clean"});
  CHECK(!stored());
}

TEST_CASE_METHOD(world, "a drained run stops between steps and goes on later",
                 "[graph][run]") {
  counts ran;
  begin(make_run(chain(&ran), order(input(R"({"topic":"t"})")), chance));
  perform(current->drain());
  turn();
  CHECK(told.end->outcome == worker::end_outcome::drained);
  auto again = order(input(R"({"topic":"t"})"));
  again.resume = true;
  CHECK(succeeded(run(chain(&ran), again)));
  CHECK(ran == counts{{"plan", 1}, {"write", 1}, {"quiet", 1}});
}

TEST_CASE_METHOD(world, "a run from an older checkpoint makes a fork",
                 "[graph][run]") {
  auto first = run(chain(), input(R"({"topic":"t"})"));
  auto from = first.puts[1].id; // `plan` is due.
  auto aut = run(chain(), "{\"config\":{\"configurable\":{\"checkpoint_id\":\""
                            + from + "\"}}}");
  CHECK(succeeded(aut));
  CHECK(aut.puts.front().parent == from);
  CHECK(member(aut.puts.front().metadata, "source") == "fork");
  CHECK(values()
        == R"({"topic":"t","draft":"plan t!","log":["plan","write"]})");
}
