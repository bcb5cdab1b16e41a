// What nodes do and what may go wrong in them.

#include "tests/catch.hpp"
#include "tests/graph/graphs.hpp"
#include "tests/graph/world.hpp"

#include "heddle/nlohmann.hpp"

using namespace heddle;
using namespace heddle::graph;
using namespace heddle::graph::test;
using strings = std::vector<std::string>;

namespace {

template <class F>
compiled single(F body, channel_spec spec = last_value()) {
  builder made;
  made.channel("x", std::move(spec)).node("n", std::move(body));
  return made.entry("n").finish("n").compile().value();
}

template <class State, class F>
compiled typed(F body) {
  builder made;
  made.channel("x").node<State>("n", std::move(body));
  return made.entry("n").finish("n").compile().value();
}

constexpr const char* one = R"({"input":{"x":1}})";

struct oddity : std::exception {
  const char* what() const noexcept override { return "secret"; }
};

struct counter {
  int x = 0;
};

void from_json(const nlohmann::json& json, counter& to) {
  to.x = json.at("x");
}
void to_json(nlohmann::json& json, const counter& from) {
  json = {{"x", from.x}};
}

std::string error_of(world& in, const compiled& graph) {
  auto aut = in.run(graph, one);
  REQUIRE(aut.end);
  CHECK(aut.clean);
  return aut.end->error_name + ": " + aut.end->error_message;
}

} // namespace

TEST_CASE_METHOD(world, "an exception ends the run with name and text",
                 "[graph][node]") {
  using in = const json_text&;
  using ctx = node_context&;
  CHECK(error_of(*this, single([](in, ctx) -> node_result {
          throw std::invalid_argument{"bad thing"};
        }))
        == "invalid_argument: bad thing");
  CHECK(error_of(*this, single([](in, ctx) -> node_result {
          throw node_error{"QuotaError", "used up"};
        }))
        == "QuotaError: used up");
  CHECK(error_of(*this, single([](in, ctx) -> node_result { throw oddity{}; }))
        == "oddity: An internal error occurred");
  CHECK(error_of(*this, single([](in, ctx) -> node_result { throw 7; }))
        == "exception: An internal error occurred");
  CHECK(
    error_of(*this, single([](json_text, node_context&) -> task<node_result> {
      co_await delay(std::chrono::seconds{0});
      throw std::runtime_error{"later"};
    }))
    == "runtime_error: later");
}

TEST_CASE_METHOD(world, "what is no JSON object is no update",
                 "[graph][node]") {
  auto text = GENERATE("[1]", "7", "{\"x\":", "\xff");
  auto aut = error_of(*this, single([text](const json_text&, node_context&) {
    return node_result{json_text{std::string{text}}};
  }));
  CHECK(aut.starts_with("InvalidUpdateError: "));
}

TEST_CASE_METHOD(world, "a failed node shows in the state, with its siblings'",
                 "[graph][node]") {
  builder made;
  made.channel("log", append());
  made.node("good", [](const json_text&, node_context&) {
    return json_text{R"({"log":["good"]})"};
  });
  made.node("bad", [](const json_text&, node_context&) -> node_result {
    throw std::runtime_error{"it's off"};
  });
  made.node("later", [](const json_text&, node_context&) {
    return json_text{R"({"log":["later"]})"};
  });
  made.entry("good").entry("bad").entry("later");
  auto aut = run(made.compile().value(), R"({"input":{}})");
  CHECK(aut.end->error_name == "runtime_error");
  REQUIRE(aut.state);
  auto tasks = aut.state->tasks.str();
  CHECK(tasks.find("\"error\":\"runtime_error(\\\"it's off\\\")\"")
        != std::string::npos);
  CHECK(aut.state->values.view() == R"({"log":[]})");
}

TEST_CASE_METHOD(world, "typed nodes read and write by a codec",
                 "[graph][node]") {
  auto graph = typed<counter>(
    [](counter state, node_context&) { return counter{state.x + 1}; });
  run(graph, one);
  CHECK(values() == R"({"x":2})");
  auto slow = typed<counter>([](counter state, node_context&) -> task<counter> {
    co_await delay(std::chrono::milliseconds{1});
    co_return counter{state.x * 10};
  });
  run(slow, R"({"input":{"x":4}})");
  CHECK(values() == R"({"x":40})");
}

TEST_CASE_METHOD(world, "a command updates, goes and sends", "[graph][node]") {
  builder made;
  made.channel("log", append());
  made.node("lead", [](const json_text&, node_context&) {
    return command{json_text{R"({"log":["lead"]})"},
                   {"aide", send{"aide", json_text{R"({"n":2})"}}}};
  });
  made.node("aide", [](const json_text& state, node_context&) {
    auto n = member(state, "n");
    return json_text{"{\"log\":[\"aide" + n + "\"]}"};
  });
  made.entry("lead").destinations("lead", {"aide"});
  auto aut = run(made.compile().value(), R"({"input":{}})");
  CHECK(aut.views[2].next == strings{"aide", "aide"});
  CHECK(values() == R"({"log":["lead","aide","aide2"]})");
}

TEST_CASE_METHOD(world, "two values for one plain channel are an error",
                 "[graph][node]") {
  builder made;
  made.channel("x");
  for (const auto* name : {"a", "b"})
    made
      .node(name, [](const json_text&,
                     node_context&) { return json_text{R"({"x":1})"}; })
      .entry(name);
  auto aut = run(made.compile().value(), R"({"input":{}})");
  CHECK(aut.end->error_name == "InvalidUpdateError");
  CHECK(aut.end->error_message.starts_with(
    "At key 'x': Can receive only one value per step."));
}

TEST_CASE_METHOD(world, "a node sees its run", "[graph][node]") {
  strings seen;
  auto graph = single([&](const json_text&, node_context& context) {
    seen = {std::string{context.node()},
            context.thread_id(),
            context.run_id(),
            context.configurable("user").str(),
            context.metadata("mine").str(),
            context.metadata("graph_id").str(),
            context.context().str(),
            context.configurable("none").str()};
    return node_result{};
  });
  auto what = order(R"({"input":{"x":1},"config":{"configurable":{"user":"u"},)"
                    R"("metadata":{"mine":1}},"context":{"c":2}})");
  auto aut = run(graph, what);
  CHECK(seen
        == strings{"n", what.thread.str(), what.run.str(), "\"u\"", "1",
                   "\"g\"", "{\"c\":2}", ""});
  CHECK(member(aut.puts[0].metadata, "user") == "u");
  CHECK(member(aut.puts[0].metadata, "mine") == "1");
}

TEST_CASE_METHOD(world, "nodes keep items in the long-term store",
                 "[graph][node]") {
  auto graph
    = single([](json_text, node_context& context) -> task<node_result> {
        co_await context.store().put(space("n"), "k", json_text{R"({"v":1})"});
        auto found = co_await context.store().get(space("n"), "k");
        item_search all_of_it;
        all_of_it.prefix = space("n");
        auto all = co_await context.store().search(std::move(all_of_it));
        co_await context.store().erase(space("n"), "k");
        auto gone = co_await context.store().get(space("n"), "k");
        co_return json_text{"{\"x\":[" + found->value.str() + ","
                            + std::to_string(all.size()) + ","
                            + (gone ? "true" : "false") + "]}"};
      });
  run(graph, one);
  CHECK(values() == R"({"x":[{"v":1},1,false]})");
}

TEST_CASE_METHOD(world, "a node may ask more than once", "[graph][node]") {
  auto graph = single([](const json_text&, node_context& context) {
    auto first = context.interrupt(json_text{"1"});
    auto second = context.interrupt(json_text{"2"});
    return node_result{
      json_text{"{\"x\":[" + first.str() + "," + second.str() + "]}"}};
  });
  auto aut = run(graph, one);
  CHECK(aut.state->interrupts.str().find("\"value\":1") != std::string::npos);
  auto second = run(graph, R"({"command":{"resume":"a"}})");
  REQUIRE(second.state);
  CHECK(second.state->interrupts.str().find("\"value\":2")
        != std::string::npos);
  CHECK(aut.state->interrupts.str() != second.state->interrupts.str());
  run(graph, R"({"command":{"resume":"b"}})");
  CHECK(values() == R"({"x":["a","b"]})");
}
