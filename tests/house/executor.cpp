#include "tests/house/executor.hpp"

#include <algorithm>

namespace heddle::test {

// -- what the test makes it do ------------------------------------------------

void executor::hello() {
  said_hello = true;
  worker::hello what;
  what.language = "script";
  what.pid = 4711;
  what.graphs.push_back({"graph", "A graph.", json_text{"{}"}, {}});
  say(0, std::move(what));
}

void executor::say(worker::run_no run, worker::report what) {
  std::vector<std::pair<worker::run_no, worker::report>> batch;
  batch.emplace_back(run, std::move(what));
  say(std::move(batch));
}

void executor::say(
  std::vector<std::pair<worker::run_no, worker::report>> batch) {
  std::erase_if(batch, [this](const auto& one) {
    auto* in = find(one.first);
    return in && in->abandoned;
  });
  if (gone || batch.empty())
    return;
  for (const auto& [no, what] : batch) {
    auto* in = find(no);
    if (!in)
      continue;
    in->ended |= std::holds_alternative<worker::end>(what)
                 || std::holds_alternative<worker::answer>(what);
    in->clean |= std::holds_alternative<worker::clean>(what);
  }
  sink_(std::move(batch));
  leave_if_told();
}

void executor::event(worker::run_no run, std::string name, std::string data) {
  auto cost = data.size();
  worker::events what;
  what.items.push_back({std::move(name), json_text{std::move(data)}});
  what.cost = cost;
  say(run, std::move(what));
}

std::uint32_t executor::put(worker::run_no run, const std::string& id,
                            const std::string& json,
                            const std::string& parent) {
  worker::put what;
  what.seq = ++at(run).seq;
  what.id = id;
  what.parent = parent;
  what.head = {"msgpack", json_text{"head of " + id}};
  what.metadata = json_text{R"({"source":"loop"})"};
  what.values.push_back(
    {"ch", id, {"msgpack", json_text{"b" + json}}, json_text{json}});
  what.versions = {{"ch", id}};
  say(run, what);
  return what.seq;
}

std::uint32_t executor::writes(worker::run_no run, const std::string& id,
                               const std::string& task,
                               const std::string& json) {
  worker::writes what;
  what.seq = ++at(run).seq;
  what.id = id;
  what.task = task;
  what.items.push_back(
    {0, "ch", {"msgpack", json_text{"w" + json}}, json_text{json}});
  say(run, what);
  return what.seq;
}

void executor::view(worker::run_no run, const std::string& id,
                    std::vector<std::string> next) {
  worker::view what;
  what.id = id;
  what.shape = std::vector<std::string>{"ch"};
  what.next = std::move(next);
  what.tasks = json_text{"[]"};
  say(run, std::move(what));
}

void executor::end(worker::run_no run, worker::end_outcome outcome) {
  bool failed = outcome == worker::end_outcome::error;
  say(run, worker::end{outcome, failed ? std::string{"ValueError"} : "",
                       failed ? std::string{"no"} : "", 0});
}

void executor::clean(worker::run_no run) {
  say(run, worker::clean{});
}

void executor::finish(worker::run_no run, worker::end_outcome outcome) {
  end(run, outcome);
  clean(run);
}

void executor::answer(worker::run_no run, result<json_text> value) {
  say(run, worker::answer{std::move(value)});
}

void executor::die(const std::string& why) {
  if (gone)
    return;
  gone = true;
  sink_({{0, worker::gone{why}}});
}

// -- what it knows ------------------------------------------------------------

std::size_t executor::inside() const {
  return static_cast<std::size_t>(std::ranges::count_if(
    works_, [](const auto& w) { return !w.second.clean; }));
}

work* executor::find(worker::run_no run) {
  auto found = works_.find(run);
  return found == works_.end() ? nullptr : &found->second;
}

void executor::abandon(worker::run_no run) {
  auto* in = find(run);
  if (gone || !in || in->clean)
    return;
  if (on_abandon)
    on_abandon(*this, *in);
  if (!in->ended)
    end(run, worker::end_outcome::cancelled);
  clean(run);
  in->abandoned = true;
}

void executor::leave_if_told() {
  if (told_exit && inside() == 0)
    die("exited with 0");
}

// -- worker::channel ----------------------------------------------------------

void executor::start(worker::run_no run, worker::start what) {
  if (gone)
    return;
  auto& in = works_[run];
  in.no = run;
  in.run = std::move(what);
  if (on_start)
    on_start(*this, in);
}

void executor::cancel(worker::run_no run, worker::cancel what) {
  if (auto* in = find(run))
    in->cancels.push_back(std::move(what));
}

void executor::drain(worker::run_no run) {
  if (auto* in = find(run))
    ++in->drains;
}

void executor::raise(worker::run_no run) {
  if (auto* in = find(run))
    ++in->raises;
}

void executor::credit(worker::run_no run, std::size_t bytes) {
  if (auto* in = find(run))
    in->credit += bytes;
}

void executor::done(worker::run_no run, std::uint32_t seq) {
  if (auto* in = find(run))
    in->done.push_back(seq);
}

void executor::refuse(worker::run_no run, std::uint32_t seq,
                      worker::refusal why, std::string) {
  if (auto* in = find(run))
    in->refused.emplace_back(seq, why);
}

void executor::answer_get(worker::run_no run, std::uint32_t req,
                          std::optional<worker::tuple> found) {
  if (auto* in = find(run))
    in->got[req] = std::move(found);
}

void executor::answer_list(worker::run_no run, std::uint32_t req,
                           std::vector<worker::tuple> found) {
  if (auto* in = find(run))
    in->listed[req] = std::move(found);
}

void executor::answer_store(worker::run_no run, std::uint32_t req,
                            json_text results) {
  if (auto* in = find(run))
    in->items[req] = results.str();
}

void executor::ask(worker::run_no run, worker::ask what) {
  if (gone)
    return;
  auto& in = works_[run];
  in.no = run;
  in.question = std::move(what);
  if (on_start)
    on_start(*this, in);
}

void executor::ping(std::uint64_t n) {
  ++pings;
  if (answers_pings)
    say(0, worker::pong{n, 0, 0});
  else
    unanswered = n;
}

void executor::exit(std::chrono::milliseconds) {
  if (gone && on_late_order)
    on_late_order(*this);
  told_exit = true;
  leave_if_told();
}

void executor::kill() {
  const auto& heard = gone ? on_late_order : on_kill;
  if (!killed && heard)
    heard(*this);
  killed = true;
  if (dies_at_once)
    die("killed");
}

std::shared_ptr<worker::channel>
scripted_launcher::launch(worker::report_sink sink) {
  auto made = std::make_shared<executor>(std::move(sink));
  all.push_back(made);
  if (on_launch)
    on_launch(*made);
  if (!starts)
    made->die("exited with 3");
  else if (says_hello)
    made->hello();
  return made;
}

} // namespace heddle::test
