// A chat agent in C++: it plans, answers word by word, and stops when it is
// told to. Served with
//
//     heddle serve --graph-library build/release/examples/libcpp_agent.so

#include <heddle/graph_library.hpp>
#include <heddle/nlohmann.hpp>
#include <heddle/task.hpp>

#include <chrono>
#include <sstream>
#include <string>

namespace {

using namespace std::chrono_literals;
using heddle::task;
using heddle::graph::node_context;
using json = nlohmann::json;

/// What the last message asks for.
std::string question_of(const json& state) {
  const auto& messages = state.value("messages", json::array());
  if (messages.empty())
    return "";
  const auto& content = messages.back().value("content", json{""});
  return content.is_string() ? content.get<std::string>() : content.dump();
}

json plan(json state, node_context& ctx) {
  auto words = question_of(state);
  ctx.write(heddle::json_text{R"({"step":"planned"})"});
  return {{"plan", "answer \"" + words + "\""}};
}

/// A model would be asked here. The wait is a `co_await`: a cancel ends it, and
/// no thread is held meanwhile.
task<json> answer(json state, node_context& ctx) {
  std::istringstream words{"You said: " + question_of(state)
                           + " - and this is all that I can say about it."};
  std::string said;
  std::string id = "answer-" + ctx.run_id();
  for (std::string word; words >> word;) {
    co_await heddle::delay(50ms);
    auto piece = said.empty() ? word : " " + word;
    ctx.token(id, piece);
    said += piece;
  }
  co_return json{
    {"messages", {{{"type", "ai"}, {"id", id}, {"content", said}}}}};
}

} // namespace

HEDDLE_GRAPHS(into) {
  heddle::graph::builder agent;
  agent.describe("A chat agent in C++ that answers word by word.")
    .channel("messages", heddle::graph::messages())
    .channel("plan")
    .node<json>("plan", plan)
    .node<json>("answer", answer)
    .entry("plan")
    .edge("plan", "answer")
    .finish("answer");
  into.add("cpp_agent", agent.compile());
}
