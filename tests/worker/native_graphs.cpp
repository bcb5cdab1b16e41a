#include "tests/worker/native_graphs.hpp"

#include "heddle/graph_node.hpp"
#include "heddle/task.hpp"

#include <algorithm>
#include <chrono>
#include <stop_token>
#include <utility>

namespace heddle::worker::test {

using namespace std::chrono_literals;
using graph::builder;
using graph::node_context;
using graph::node_result;

namespace {

node_result wait_for_stop(json_text, node_context& ctx) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock{mutex};
  stopped.wait(lock, ctx.stop_token(), [] { return false; });
  return {};
}

task<node_result> wait_long(json_text, node_context&) {
  co_await delay(1h);
  co_return json_text{R"({"log":"late"})"};
}

node_result chat(json_text, node_context& ctx) {
  std::string filler(1024, 'x');
  for (int i = 0; i < 1000; ++i)
    ctx.write(json_text{'"' + filler + '"'});
  return {};
}

builder with_log() {
  builder result;
  result.channel("log");
  return result;
}

graph::compiled one_node(auto body) {
  auto made = with_log();
  made.node("node", std::move(body)).entry("node").finish("node");
  return *made.compile();
}

graph::compiled steps(int count) {
  auto made = with_log();
  std::string before{graph::start};
  for (int i = 0; i < count; ++i) {
    auto name = "n" + std::to_string(i);
    made.node(name, [](json_text, node_context&) -> node_result {
      return json_text{R"({"log":1})"};
    });
    made.edge(before, name);
    before = name;
  }
  return *made.finish(before).compile();
}

std::map<std::string, graph::compiled> all_graphs(const door& shut) {
  std::map<std::string, graph::compiled> result;
  auto add = [&result](const char* id, graph::compiled what) {
    result.emplace(id, std::move(what));
  };
  add("echo", one_node([](json_text state, node_context&) -> node_result {
        return state;
      }));
  add("deaf", one_node([shut](json_text, node_context& ctx) -> node_result {
        shut.pass();
        ctx.write(json_text{R"("late")"});
        return json_text{R"({"log":"late"})"};
      }));
  add("watching", one_node(wait_for_stop));
  add("waiting", one_node(wait_long));
  add("stepping", steps(20));
  add("chatty", one_node(chat));
  return result;
}

} // namespace

native_world::native_world(native::pool::options threads, std::size_t credit) {
  native::native_options how;
  how.graphs = all_graphs(shut);
  how.threads = threads;
  how.credit_run_bytes = credit;
  how.stop_grace = 20s;
  how.log = [this](log_level, std::string_view text, const log_fields&) {
    std::lock_guard guard{log_mutex};
    log.emplace_back(text);
  };
  launcher = std::make_unique<native::native_launcher>(rt, std::move(how));
  way = launcher->launch([this](auto batch) { serve(std::move(batch)); });
}

native_world::~native_world() {
  shut.open();
  launcher.reset();
  rt.stop();
}

void native_world::serve(std::vector<std::pair<run_no, report>> batch) {
  for (const auto& [run, what] : batch) {
    if (const auto* asked = std::get_if<get>(&what); asked && gives_answers)
      way->answer_get(run, asked->req, std::nullopt);
    if (const auto* put = std::get_if<worker::put>(&what); put && gives_answers)
      way->done(run, put->seq);
    if (const auto* some = std::get_if<writes>(&what); some && gives_answers)
      way->done(run, some->seq);
    if (const auto* some = std::get_if<events>(&what); some && gives_credit)
      way->credit(run, some->cost);
  }
  seen.add(std::move(batch));
}

void native_world::start(run_no no, const std::string& graph,
                         const std::string& input) {
  worker::start what;
  what.graph = graph;
  what.run = *run_id::parse("00000000-0000-4000-8000-0000000000"
                            + std::to_string(10 + no % 90));
  what.thread = *thread_id::parse("00000000-0000-4000-8000-0000000001"
                                  + std::to_string(10 + no % 90));
  what.epoch = 1;
  what.kwargs
    = json_text{R"({"input":)" + input
                + R"(,"config":{"configurable":{}},"stream_mode":["values",)"
                  R"("custom"],"durability":"async"})"};
  way->start(no, std::move(what));
}

std::vector<std::string> native_world::said(run_no no) {
  std::lock_guard guard{seen.mutex_};
  std::vector<std::string> result;
  for (const auto& [run, what] : seen.all_)
    if (run == no)
      result.push_back(name_of(what));
  return result;
}

bool native_world::is_clean(run_no no) {
  auto all = said(no);
  return !all.empty() && all.back() == "clean";
}

end native_world::await_clean(run_no no) {
  std::optional<end> result;
  seen.wait([&] {
    bool over = false;
    for (const auto& [run, what] : seen.all_) {
      if (run == no && std::holds_alternative<end>(what))
        result = std::get<end>(what);
      over |= run == no && std::holds_alternative<clean>(what);
    }
    return over;
  });
  return result.value_or(end{});
}

std::size_t native_world::events_of(run_no no) {
  std::lock_guard guard{seen.mutex_};
  std::size_t result = 0;
  for (const auto& [run, what] : seen.all_)
    if (const auto* some = std::get_if<events>(&what); some && run == no)
      result += static_cast<std::size_t>(
        std::ranges::count(some->items, "custom", &event::name));
  return result;
}

std::size_t native_world::count_logged(const std::string& part) {
  std::lock_guard guard{log_mutex};
  return static_cast<std::size_t>(std::ranges::count_if(
    log, [&](const auto& line) { return line.find(part) != line.npos; }));
}

std::string name_of(const report& what) {
  static constexpr const char* names[]
    = {"events", "put",   "writes",  "view",       "get", "list",
       "store",  "state", "started", "cancelling", "end", "clean",
       "answer", "hello", "pong",    "beat",       "log", "gone"};
  return names[what.index()];
}

} // namespace heddle::worker::test
