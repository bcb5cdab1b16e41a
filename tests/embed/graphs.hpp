#pragma once

#include "heddle/graph.hpp"
#include "heddle/task.hpp"
#include "tests/embed/opened.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace heddle::test {

/// `talks` emits 200 events of about 1 KB, some at a time, and is done.
inline constexpr int talks_events = 200;

inline task<json_text> talk(json_text, graph::node_context& ctx) {
  const std::string filling(1000, 'x');
  for (int i = 0; i < talks_events; ++i) {
    ctx.write(json_text{R"({"no":)" + std::to_string(i) + R"(,"text":")"
                        + filling + "\"}"});
    if (i % 10 == 9)
      co_await delay(std::chrono::milliseconds{1});
  }
  co_return json_text{R"({"said":true})"};
}

/// `rests` says so, and waits for a cancel.
inline task<json_text> rest(json_text, graph::node_context& ctx) {
  ctx.write(json_text{R"("resting")"});
  co_await delay(std::chrono::hours{1});
  co_return json_text{};
}

template <class Body>
graph::compiled one_node(Body body) {
  graph::builder all;
  all.channel("said").node("only", body).entry("only").finish("only");
  return all.compile().value();
}

inline open_options options_with_graphs() {
  auto what = options_for({});
  what.graphs.emplace("talks", one_node(talk));
  what.graphs.emplace("rests", one_node(rest));
  what.graph_threads = 2;
  return what;
}

inline std::unique_ptr<server> opened_with_graphs() {
  return open(options_with_graphs()).value();
}

/// With its own events streamed.
inline run_create streamed(const std::string& assistant) {
  auto what = run_of(assistant);
  what.input = json_text{R"({"said":false})"};
  what.stream_modes = {"custom"};
  return what;
}

} // namespace heddle::test
