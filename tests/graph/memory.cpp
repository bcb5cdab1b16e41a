// What a run costs while it waits.

#include "tests/catch.hpp"
#include "tests/graph/world.hpp"

#include <malloc.h>

using namespace heddle;
using namespace heddle::graph;
using namespace heddle::graph::test;

namespace {

constexpr std::size_t runs = 2000;
constexpr std::size_t bytes_max = 6 * 1024; // Of which the executor has a part.

std::size_t in_use() {
  return mallinfo2().uordblks;
}

/// Performs what a machine wants until its node waits; what it reports is
/// answered and forgotten.
void drive(machine& which, actions what, const std::shared_ptr<host>& on) {
  for (auto& each : what) {
    if (auto* run = std::get_if<run_node>(&each))
      run->node->run(on);
    else if (auto* stop = std::get_if<stop_node>(&each))
      stop->node->cancel();
    auto* sent = std::get_if<send_report>(&each);
    if (!sent)
      continue;
    if (auto* get = std::get_if<worker::get>(&sent->what))
      drive(which, which.found(get->req, std::nullopt), on);
    else if (auto* put = std::get_if<worker::put>(&sent->what))
      drive(which, which.stored(put->seq), on);
    else if (auto* writes = std::get_if<worker::writes>(&sent->what))
      drive(which, which.stored(writes->seq), on);
  }
}

} // namespace

TEST_CASE_METHOD(world, "a run that waits in a coroutine costs little",
                 "[graph][memory]") {
  builder made;
  for (const auto* name : {"topic", "draft", "secs", "tag"})
    made.channel(name);
  made.channel("log", append()).channel("messages", messages());
  for (const auto* name : {"pre", "work", "after"})
    made.node(name, [](json_text, node_context&) -> task<node_result> {
      co_await delay(std::chrono::hours{1});
      co_return node_result{};
    });
  made.entry("pre").edge("pre", "work").edge("work", "after");
  auto graph = made.compile().value();
  auto order = this->order(
    R"({"input":{"topic":"something to think about","secs":3600},"config":)"
    R"({"configurable":{"user":"somebody","graph_id":"g"},"metadata":)"
    R"({"source":"a test"}},"stream_mode":["values"],"durability":"async"})");
  std::vector<std::unique_ptr<machine>> waiting;
  waiting.reserve(runs);
  auto before = in_use();
  for (std::size_t i = 0; i < runs; ++i) {
    waiting.push_back(make_run(graph, order, chance));
    drive(*waiting.back(), waiting.back()->start(), host);
  }
  auto each = (in_use() - before) / runs;
  CHECK(host->timers.size() == runs);
  CHECK(each < bytes_max); // Sanitizers count nothing: then it says nothing.
  WARN(each << " bytes for a run that waits");
  for (auto& one : waiting)
    drive(*one, one->cancel({worker::stop_action::interrupt, "", {}}), host);
  for (auto& one : waiting)
    CHECK(one->over());
  host->turn();
}
