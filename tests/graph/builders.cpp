#include "tests/catch.hpp"
#include "tests/graph/graphs.hpp"

using namespace heddle;
using namespace heddle::graph;

namespace {

node_result nothing(const json_text&, node_context&) {
  return {};
}

std::string wrong(builder& aut) {
  auto made = aut.compile();
  return made ? "" : made.error().detail;
}

} // namespace

TEST_CASE("a graph needs an entry point", "[graph][builder]") {
  builder aut;
  aut.node("a", nothing);
  CHECK(wrong(aut).starts_with("Graph must have an entrypoint"));
  aut.entry("a");
  CHECK(wrong(aut).empty());
}

TEST_CASE("every mistake is told, one line each", "[graph][builder]") {
  builder aut;
  aut.channel("x").channel("x").channel("__y");
  aut.node("a", nothing).node("a", nothing).node("__end__", nothing);
  aut.node("b:c", nothing);
  aut.edge("a", "nowhere").edge("ghost", "a").edge(graph::end, "a");
  aut.edge("a", graph::start).interrupt_before({"c"});
  aut.destinations("a", {"gone"});
  CHECK(wrong(aut)
        == "Channel 'x' already exists\n"
           "'__y' cannot be the name of a channel\n"
           "Node `a` already present.\n"
           "'__end__' cannot be the name of a node\n"
           "'b:c' cannot be the name of a node\n"
           "END cannot be a start node\n"
           "START cannot be an end node\n"
           "Found edge ending at unknown node `nowhere`\n"
           "Found edge starting at unknown node 'ghost'\n"
           "Found edge ending at unknown node `gone`\n"
           "Graph must have an entrypoint: add at least one edge from START "
           "to another node\n"
           "Interrupt node `c` not found");
}

TEST_CASE("a branch to an unknown node is a mistake", "[graph][builder]") {
  builder aut;
  aut.node("a", nothing).entry("a");
  aut.branch("a", [](const json_text&) { return std::string{"b"}; }, {"b"});
  CHECK(wrong(aut) == "Found edge ending at unknown node `b`");
}

TEST_CASE("a graph is drawn as the API draws it", "[graph][builder]") {
  CHECK(graph::test::fan_out().drawing().view()
        == R"({"nodes":[{"id":"__start__","type":"runnable","data":{"name":)"
           R"("__start__"}},{"id":"split","type":"runnable","data":{"name":)"
           R"("split"}},{"id":"work","type":"runnable","data":{"name":"work"}})"
           R"(,{"id":"__end__"}],"edges":[{"source":"__start__","target":)"
           R"("split"},{"source":"split","target":"work","conditional":true},)"
           R"({"source":"work","target":"__end__"}]})");
}

TEST_CASE("schemas say what the builder knows", "[graph][builder]") {
  builder aut;
  aut.channel("topic", last_value(json_text{R"({"type":"string"})"}));
  aut.channel("all_lines", append(json_text{R"({"type":"string"})"}));
  aut.node("a", nothing).entry("a");
  auto made = aut.compile().value().schemas();
  CHECK(graph::test::member(made, "state_schema")
        == R"({"properties":{"topic":{"type":"string","title":"Topic"},)"
           R"("all_lines":{"items":{"type":"string"},"type":"array",)"
           R"("title":"All Lines"}},"title":"State","type":"object"})");
  CHECK(graph::test::member(made, "context_schema") == "null");
}
