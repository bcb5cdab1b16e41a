// Questions: updates of the state, states and history.

#include "tests/catch.hpp"
#include "tests/graph/graphs.hpp"
#include "tests/graph/world.hpp"

using namespace heddle;
using namespace heddle::graph;
using namespace heddle::graph::test;
using strings = std::vector<std::string>;

namespace {

std::string answer_of(const told_log& of) {
  REQUIRE(of.answer);
  CHECK(of.clean);
  return of.answer->value ? of.answer->value->str()
                          : "error: " + of.answer->value.error().detail;
}

} // namespace

TEST_CASE_METHOD(world, "an update stands for a node's", "[graph][ask]") {
  run(human(), R"({"input":{"topic":"t"}})");
  auto aut = ask(human(), "update",
                 R"({"values":{"log":["me"],"draft":"mine"},"as_node":"ask"})");
  CHECK(answer_of(aut).find("checkpoint_id") != std::string::npos);
  REQUIRE(aut.puts.size() == 1);
  CHECK(member(aut.puts[0].metadata, "source") == "update");
  CHECK(member(aut.puts[0].metadata, "step") == "1");
  CHECK(aut.kinds
        == strings{"get", "writes", "put", "view", "answer", "clean"});
  CHECK(aut.views[0].next == strings{"work"});
  CHECK(run(human(), "{}").end->outcome == worker::end_outcome::success);
  CHECK(values() == R"({"topic":"t","draft":"mine","log":["me","work"]})");
}

TEST_CASE_METHOD(world, "an update takes the branches of its node",
                 "[graph][ask]") {
  auto aut = ask(branching(), "update",
                 R"({"values":{"topic":"left"},"as_node":"__start__"})");
  answer_of(aut);
  CHECK(aut.views[0].next == strings{"left"});
  CHECK(member(aut.puts[0].metadata, "step") == "0");
}

TEST_CASE_METHOD(world, "an update without a node follows the last one",
                 "[graph][ask]") {
  run(chain(), R"({"input":{"topic":"t"},"interrupt_after":["plan"]})");
  auto aut = ask(chain(), "update", R"({"values":{"draft":"mine"}})");
  CHECK(aut.views.at(0).next == strings{"write"});
  run(chain(), "{}");
  CHECK(values() == R"({"topic":"t","draft":"mine!","log":["plan","write"]})");
  CHECK(answer_of(ask(chain(), "update", R"({"values":{},"as_node":"nobody"})"))
        == "error: Node nobody does not exist");
}

TEST_CASE_METHOD(world, "an update without values drops what is due",
                 "[graph][ask]") {
  run(human(), R"({"input":{"topic":"t"}})");
  auto aut = ask(human(), "update", R"({"values":null,"as_node":"__end__"})");
  CHECK(aut.views.at(0).next.empty());
  CHECK(values() == R"({"topic":"t","log":["side"]})");
}

TEST_CASE_METHOD(world, "super-steps of updates make one checkpoint each",
                 "[graph][ask]") {
  auto aut = ask(chain(), "update",
                 R"({"supersteps":[{"updates":[{"values":{"topic":"t"},)"
                 R"("as_node":"__input__"}]},{"updates":[{"values":)"
                 R"({"topic":"t"},"as_node":"__start__"}]},{"updates":)"
                 R"([{"values":{"draft":"d"},"as_node":"plan"}]}]})");
  answer_of(aut);
  CHECK(aut.puts.size() == 3);
  CHECK(aut.views[2].next == strings{"write"});
  run(chain(), "{}");
  CHECK(values() == R"({"topic":"t","draft":"d!","log":["write"]})");
}

TEST_CASE_METHOD(world, "states and history are told as the API shows them",
                 "[graph][ask]") {
  run(human(), R"({"input":{"topic":"t"}})");
  auto state = json_text{answer_of(ask(human(), "state", "{}"))};
  CHECK(member(state, "values") == R"({"topic":"t","log":["side"]})");
  CHECK(member(state, "next") == R"(["ask"])");
  CHECK(member(state, "interrupts").find("ok?") != std::string::npos);
  CHECK(member(state, "created_at").starts_with("2026-"));
  auto history = answer_of(ask(human(), "history", R"({"limit":10})"));
  CHECK(history.find(R"("next":["ask","side"])") != std::string::npos);
  CHECK(history.find(R"("next":["__start__"])") != std::string::npos);
}

TEST_CASE_METHOD(world, "what is not known is refused", "[graph][ask]") {
  CHECK(answer_of(ask(chain(), "dance")) == "error: unknown ask `dance`");
  CHECK(answer_of(ask(chain(), "draw")).starts_with("{\"nodes\""));
  CHECK(answer_of(ask(chain(), "subgraphs")) == "{}");
}
