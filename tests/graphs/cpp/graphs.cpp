// The graphs of tests/graphs/stopping.py and streaming.py in C++, as a library
// for `--graph-library`. All but `cpp_stream` are `pre` -> `work` -> `after`.

#include "heddle/graph_library.hpp"
#include "heddle/nlohmann.hpp"
#include "heddle/task.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <stop_token>
#include <string>

namespace {

using namespace std::chrono_literals;
using heddle::task;
using heddle::graph::builder;
using heddle::graph::node_context;
using json = nlohmann::json;

/// As tests/graphs/marks.py.
void mark(const json& state, const std::string& what) {
  auto path = state.value("mark", std::string{});
  if (path.empty())
    return;
  auto now = std::chrono::steady_clock::now().time_since_epoch();
  auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
  auto line
    = std::to_string(ns) + ' ' + std::to_string(::getpid()) + ' ' + what + '\n';
  int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (fd < 0 || ::write(fd, line.data(), line.size()) < 0)
    std::abort();
  ::close(fd);
}

bool marked(const json& state, const std::string& what) {
  std::ifstream in{state.value("mark", std::string{})};
  for (std::string line; std::getline(in, line);)
    if (line.ends_with(' ' + what))
      return true;
  return false;
}

json pre(json state, node_context&) {
  mark(state, "pre");
  return {{"log", {"pre"}}};
}

json after(json state, node_context&) {
  mark(state, "after");
  return {{"log", {"after"}}};
}

/// A coroutine that sleeps.
task<json> work_awaiting(json state, node_context&) {
  mark(state, "work");
  auto ticks = static_cast<int>(state.value("secs", 1.0) * 10);
  for (int i = 0; i < ticks; ++i) {
    co_await heddle::delay(100ms);
    mark(state, "tick");
  }
  co_return json{{"log", {"work"}}};
}

/// A function that looks at its token.
json work_watching(json state, node_context& ctx) {
  mark(state, "work");
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock{mutex};
  changed.wait_for(lock, ctx.stop_token(), 30s, [] { return false; });
  if (ctx.stop_token().stop_requested())
    mark(state, "told");
  return {{"log", {"work"}}};
}

/// A function that looks at nothing.
json work_looping(json state, node_context&) {
  mark(state, "work");
  auto until = std::chrono::steady_clock::now() + 30s;
  while (std::chrono::steady_clock::now() < until) {
    // Nobody can stop this but a kill.
  }
  mark(state, "late");
  return {{"log", {"work"}}};
}

/// Takes its process along, the first time.
json work_crashing(json state, node_context&) {
  bool before = marked(state, "crash");
  mark(state, "crash");
  if (!before)
    std::abort();
  mark(state, "work");
  return {{"log", {"work"}}};
}

json talk(json state, node_context& ctx) {
  auto count = state.value("count", 10);
  for (int i = 0; i < count; ++i)
    ctx.write(heddle::json_text{"{\"n\":" + std::to_string(i) + "}"});
  return {{"log", {"said"}}};
}

builder with_state() {
  builder made;
  made.channel("secs").channel("tag").channel("mark").channel("count");
  made.channel("log", heddle::graph::append());
  return made;
}

template <class Work>
auto three_steps(Work work) {
  auto made = with_state();
  made.node<json>("pre", pre);
  made.template node<json>("work", work);
  made.node<json>("after", after);
  made.entry("pre").edge("pre", "work").edge("work", "after").finish("after");
  return made.compile();
}

} // namespace

HEDDLE_GRAPHS(into) {
  into.add("cpp_slow", three_steps(work_awaiting));
  into.add("cpp_watching", three_steps(work_watching));
  into.add("cpp_loop", three_steps(work_looping));
  into.add("cpp_crash", three_steps(work_crashing));
  auto stream = with_state();
  stream.node<json>("talk", talk).entry("talk").finish("talk");
  into.add("cpp_stream", stream.compile());
  into.add("cpp_broken", builder{}.edge("nobody", "nothing").compile());
}
