#include "tests/graph/graphs.hpp"

#include "core/json_slice.hpp"

namespace heddle::graph::test {

namespace {

builder state() {
  builder made;
  made.channel("topic").channel("draft").channel("log", append());
  return made;
}

json_text logs(const std::string& line) {
  return json_text{"{\"log\":[" + json_quote(line) + "]}"};
}

void count(counts* ran, const std::string& name) {
  if (ran)
    ++(*ran)[name];
}

/// A node that logs its name.
auto logging(counts* ran, std::string name) {
  return [ran, name = std::move(name)](const json_text&, node_context&) {
    count(ran, name);
    return node_result{logs(name)};
  };
}

} // namespace

std::string member(const json_text& of, std::string_view name) {
  auto members = core::slice_object(of.view());
  auto found = members ? members->find(name) : std::nullopt;
  if (!found)
    return {};
  return core::kind_of(*found) == core::json_kind::string
           ? core::unquote(*found)
           : std::string{*found};
}

compiled chain(counts* ran) {
  auto made = state();
  made.node("plan", [ran](const json_text& state, node_context&) {
    count(ran, "plan");
    auto draft = json_quote("plan " + member(state, "topic"));
    return node_result{
      json_text{"{\"draft\":" + draft + ",\"log\":[\"plan\"]}"}};
  });
  made.node("write", [ran](const json_text& state, node_context&) {
    count(ran, "write");
    auto draft = json_quote(member(state, "draft") + "!");
    return node_result{
      json_text{"{\"draft\":" + draft + ",\"log\":[\"write\"]}"}};
  });
  made.node("quiet", [ran](const json_text&, node_context&) {
    count(ran, "quiet");
    return node_result{};
  });
  made.entry("plan").edge("plan", "write").edge("write", "quiet");
  return made.finish("quiet").compile().value();
}

compiled parallel(counts* ran) {
  auto made = state();
  for (const auto* name : {"a", "b", "c"})
    made.node(name, logging(ran, name)).entry(name);
  made.node("join", [ran](const json_text& state, node_context&) {
    count(ran, "join");
    return node_result{
      json_text{"{\"draft\":" + json_quote(member(state, "log")) + "}"}};
  });
  made.join({"a", "b", "c"}, "join");
  return made.finish("join").compile().value();
}

compiled fan_out(counts* ran) {
  auto made = state();
  made.node("split", logging(ran, "split")).entry("split");
  made.node("work", [ran](const json_text& state, node_context&) {
    count(ran, "work" + member(state, "x"));
    return node_result{logs("w" + member(state, "x"))};
  });
  made.branch("split", router{[](const json_text&) {
                std::vector<target> to;
                for (const auto* x : {"0", "1", "2"})
                  to.emplace_back(
                    send{"work", json_text{"{\"x\":" + std::string{x} + "}"}});
                return to;
              }},
              {"work"});
  return made.finish("work").compile().value();
}

compiled branching(counts* ran) {
  auto made = state();
  made.node("left", logging(ran, "left")).finish("left");
  made.node("right", logging(ran, "right")).finish("right");
  made.branch(start,
              [](const json_text& state) { return member(state, "topic"); },
              {"left", "right", std::string{end}});
  return made.compile().value();
}

compiled human(counts* ran) {
  auto made = state();
  made.node("ask", [ran](const json_text&, node_context& context) {
    count(ran, "asked");
    auto answer = context.interrupt(json_text{"{\"q\":\"ok?\"}"});
    count(ran, "ask");
    return node_result{
      json_text{"{\"draft\":" + answer.str() + ",\"log\":[\"ask\"]}"}};
  });
  made.node("side", logging(ran, "side")).entry("side");
  made.node("work", logging(ran, "work")).finish("work");
  made.entry("ask").edge("ask", "work").finish("side");
  return made.compile().value();
}

compiled chat() {
  builder made;
  made.channel("messages", messages());
  made.node("answer",
            [](json_text, node_context& context) -> task<node_result> {
              for (const auto* piece : {"one", " two", " three"}) {
                context.token("ai-1", piece);
                co_await delay(std::chrono::milliseconds{1});
              }
              co_return json_text{
                R"({"messages":[{"type":"ai","content":"one two three",)"
                R"("id":"ai-1"}]})"};
            });
  return made.entry("answer").finish("answer").compile().value();
}

compiled endless() {
  auto made = state();
  made.node("spin", logging(nullptr, "x")).entry("spin");
  return made.edge("spin", "spin").compile().value();
}

} // namespace heddle::graph::test
