#include "app/greeting.hpp"

#include "runtime/ports.hpp"

#include <chrono>
#include <cstdio>
#include <mutex>
#include <utility>

namespace heddle::app {

namespace {

constexpr std::chrono::milliseconds look_interval{10};

/// The last line of a traceback says what went wrong.
std::string last_line(const std::string& text) {
  auto end = text.find_last_not_of('\n');
  if (end == text.npos)
    return {};
  auto begin = text.rfind('\n', end);
  return text.substr(begin + 1, end - begin);
}

void print(const std::string& text) {
  std::string safe;
  for (unsigned char c : text)
    safe += c < ' ' || c == 0x7f ? '?' : static_cast<char>(c);
  std::fprintf(stdout, "%s\n", safe.c_str());
  std::fflush(stdout);
}

} // namespace

greeting::greeting(server& srv, timer_source& timers, log_sink log,
                   std::string url, bool keyed)
  : srv_(&srv), timers_(&timers), log_(std::move(log)), url_(std::move(url)),
    keyed_(keyed) {
  // nop
}

void greeting::start() {
  print("Heddle listens on " + url_);
  look();
}

void greeting::stop() {
  std::lock_guard lock{mutex_};
  srv_ = nullptr;
}

void greeting::look() {
  std::lock_guard lock{mutex_};
  if (srv_ == nullptr)
    return;
  auto graphs = srv_->graphs();
  for (const auto& graph : graphs)
    if ((graph.loaded || !graph.error.empty()) && said_.insert(graph.id).second)
      say(graph);
  if (said_.size() == graphs.size())
    return say_what_to_try();
  timers_->after(look_interval, [weak = weak_from_this()] {
    if (auto self = weak.lock())
      self->look();
  });
}

void greeting::say(const graph_status& graph) {
  if (!graph.loaded) {
    log_(log_level::error, "a graph cannot be loaded",
         {{"graph", graph.id}, {"why", graph.error}});
    return print("  cannot load " + graph.id + ": " + last_line(graph.error)
                 + " (see the log)");
  }
  if (first_loaded_.empty())
    first_loaded_ = graph.id;
  auto text = "  loaded " + graph.id;
  print(graph.description.empty() ? text : text + ": " + graph.description);
}

void greeting::say_what_to_try() {
  if (first_loaded_.empty())
    return;
  std::string key = keyed_ ? " -H 'x-api-key: …'" : "";
  print("Try: curl -N " + url_ + "/runs/stream" + key
        + " -H 'content-type: application/json' -d '{\"assistant_id\": \""
        + first_loaded_
        + "\", \"input\": {\"messages\": [{\"role\": \"user\", "
          "\"content\": \"What is 6*7?\"}]}}'");
}

} // namespace heddle::app
