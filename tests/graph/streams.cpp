// The streams `custom`, `messages` and `messages-tuple`.

#include "tests/catch.hpp"
#include "tests/graph/graphs.hpp"
#include "tests/graph/world.hpp"

using namespace heddle;
using namespace heddle::graph;
using namespace heddle::graph::test;
using strings = std::vector<std::string>;

namespace {

constexpr const char* hello
  = R"({"input":{"messages":[{"role":"user","content":"hi"}]},)";

} // namespace

TEST_CASE_METHOD(world, "pieces of a message come one by one",
                 "[graph][stream]") {
  auto aut
    = run(chat(), std::string{hello} + R"("stream_mode":["messages-tuple"]})");
  auto pieces = aut.named("messages");
  REQUIRE(pieces.size() == 3);
  CHECK(pieces[0].starts_with(
    R"([{"content":"one","additional_kwargs":{},"response_metadata":{},)"
    R"("type":"AIMessageChunk","name":null,"id":"ai-1","tool_calls":[],)"
    R"("invalid_tool_calls":[],"usage_metadata":null,"tool_call_chunks":[],)"
    R"("chunk_position":null},{"graph_id":"g")"));
  CHECK(pieces[2].find(R"("langgraph_node":"answer")") != std::string::npos);
  CHECK(pieces[2].find(R"("langgraph_path":["__pregel_pull","answer"])")
        != std::string::npos);
  CHECK(aut.end->events == 3);
}

TEST_CASE_METHOD(world, "the older form tells the message so far",
                 "[graph][stream]") {
  auto aut = run(chat(), std::string{hello} + R"("stream_mode":["messages"]})");
  CHECK(aut.named("messages/metadata").size() == 1);
  auto partial = aut.named("messages/partial");
  REQUIRE(partial.size() == 3);
  CHECK(
    partial[2]
    == R"([{"content":"one two three","additional_kwargs":{},)"
       R"("response_metadata":{},"type":"ai","name":null,"id":"ai-1",)"
       R"("tool_calls":[],"invalid_tool_calls":[],"usage_metadata":null}])");
  CHECK(aut.named("messages/complete").empty());
}

TEST_CASE_METHOD(world, "a message that was not streamed comes whole, once",
                 "[graph][stream]") {
  builder made;
  made.channel("messages", messages());
  made.node("a", [](const json_text&, node_context&) {
    return json_text{R"({"messages":[["assistant","new"]]})"};
  });
  made.node("b", [](const json_text& state, node_context&) {
    return state; // What it has read is nothing new.
  });
  made.entry("a").edge("a", "b");
  auto aut = run(made.compile().value(),
                 std::string{hello} + R"("stream_mode":["messages"]})");
  CHECK(aut.named("messages/complete").size() == 1);
  CHECK(aut.end->events == 2);
}

TEST_CASE_METHOD(world, "the state has the ids that the stream had",
                 "[graph][stream]") {
  builder made;
  made.channel("messages", messages()).node("a", [](json_text, node_context&) {
    return node_result{
      json_text{R"({"messages":{"type":"ai","content":"x"}})"}};
  });
  made.entry("a");
  auto aut = run(made.compile().value(),
                 std::string{hello}
                   + R"("stream_mode":["messages-tuple","updates"]})");
  auto told = aut.named("messages").at(0);
  auto id = told.substr(told.find("\"id\":\"") + 6, 36);
  CHECK(values().find(id) != std::string::npos);
  CHECK(aut.named("updates").at(0).find(id) != std::string::npos);
}

TEST_CASE_METHOD(world, "custom events go out before the node's update",
                 "[graph][stream]") {
  builder made;
  made.channel("x").node("n", [](json_text, node_context& context) {
    context.write(json_text{"{\"token\":1}"});
    context.write(json_text{"2"});
    return node_result{json_text{R"({"x":2})"}};
  });
  made.entry("n");
  auto graph = made.compile().value();
  auto aut
    = run(graph, R"({"input":{"x":1},"stream_mode":["custom","updates"]})");
  CHECK(aut.events
        == strings{"custom {\"token\":1}", "custom 2",
                   "updates {\"n\":{\"x\":2}}"});
  CHECK(run(graph, R"({"input":{"x":1}})").named("custom").empty());
}

TEST_CASE_METHOD(world, "an interrupt is told whatever was asked for",
                 "[graph][stream]") {
  auto aut
    = run(human(), R"({"input":{"topic":"t"},"stream_mode":["custom"]})");
  REQUIRE(aut.events.size() == 1);
  CHECK(aut.events[0].starts_with("values {\"__interrupt__\":[{\"value\""));
}
