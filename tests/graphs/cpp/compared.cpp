// The graphs of tests/graphs/compared/compared.py in C++.

#include "heddle/graph_library.hpp"
#include "heddle/nlohmann.hpp"
#include "heddle/task.hpp"

#include <string>
#include <vector>

namespace {

using heddle::task;
using heddle::graph::builder;
using heddle::graph::node_context;
using json = nlohmann::json;

builder with_state() {
  builder made;
  made.channel("topic").channel("draft");
  made.channel("log", heddle::graph::append());
  return made;
}

auto line(std::string name) {
  return [name = std::move(name)](const json&, node_context&) {
    return json{{"log", {name}}};
  };
}

auto chain() {
  auto made = with_state();
  made.node<json>("plan", [](const json& state, node_context&) {
    auto draft = "plan " + state.at("topic").get<std::string>();
    return json{{"draft", draft}, {"log", {"plan"}}};
  });
  made.node<json>("write", [](const json& state, node_context&) {
    auto draft = state.at("draft").get<std::string>() + "!";
    return json{{"draft", draft}, {"log", {"write"}}};
  });
  made.node<json>("quiet", [](const json&, node_context&) { return json{}; });
  made.entry("plan").edge("plan", "write").edge("write", "quiet");
  return made.finish("quiet").compile();
}

auto branch() {
  auto made = with_state();
  made.node<json>("left", line("left")).finish("left");
  made.node<json>("right", line("right")).finish("right");
  made.branch(heddle::graph::start,
              [](const heddle::json_text& state) {
                return json::parse(state.view()).at("topic").get<std::string>();
              },
              {"left", "right"});
  return made.compile();
}

auto parallel() {
  auto made = with_state();
  for (const auto* name : {"a", "b", "c"})
    made.node<json>(name, line(name)).entry(name);
  made.node<json>("join", [](const json& state, node_context&) {
    std::string draft;
    for (const auto& each : state.at("log"))
      draft += (draft.empty() ? "" : "+") + each.get<std::string>();
    return json{{"draft", draft}};
  });
  return made.join({"a", "b", "c"}, "join").finish("join").compile();
}

auto human() {
  auto made = with_state();
  made.node<json>("ask", [](const json&, node_context& context) {
    auto answer = context.interrupt(heddle::json_text{R"({"q":"ok?"})"});
    return json{{"draft", json::parse(answer.view())}};
  });
  made.node<json>("work", line("work"));
  made.entry("ask").edge("ask", "work").finish("work");
  return made.compile();
}

auto chat() {
  builder made;
  made.channel("messages", heddle::graph::messages());
  made.node<json>("answer", [](json, node_context& context) -> task<json> {
    const std::string id = "ai-1";
    for (const auto* piece : {"one", " ", "two", " ", "three"})
      context.token(id, piece);
    co_await context.room();
    co_return json::parse(R"({"messages":[{"type":"ai","id":"ai-1",)"
                          R"("content":"one two three"}]})");
  });
  return made.entry("answer").finish("answer").compile();
}

} // namespace

HEDDLE_GRAPHS(into) {
  into.add("cpp_chain", chain());
  into.add("cpp_branch", branch());
  into.add("cpp_parallel", parallel());
  into.add("cpp_human", human());
  into.add("cpp_chat", chat());
}
