#pragma once

#include "graph/machine.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace heddle::graph::test {

/// A host on the test's thread: what is posted runs when the test says so, and
/// time passes when the test says so.
class local_host : public host {
public:
  void post(std::function<void()> go_on) override {
    posted.push_back(std::move(go_on));
  }

  timer after(std::chrono::nanoseconds delay,
              std::function<void()> fire) override {
    timers.emplace(++last_timer_, std::pair{now + delay, std::move(fire)});
    return last_timer_;
  }

  void forget(timer which) override { timers.erase(which); }

  void emit(worker::event what, bool) override {
    emitted.push_back(std::move(what));
  }
  void when_room(std::function<void()> go_on) override { go_on(); }
  void ask_store(json_text ops, store_reply done) override {
    asked.emplace_back(std::move(ops), std::move(done));
  }
  void finished(task_no which, outcome what) override {
    ended.emplace_back(which, std::move(what));
  }

  /// Runs what is posted, and what that posts.
  void turn() {
    while (!posted.empty()) {
      auto next = std::move(posted.front());
      posted.pop_front();
      next();
    }
  }

  /// Lets time pass, and runs what became due.
  void pass(std::chrono::nanoseconds time) {
    now += time;
    for (auto at = timers.begin(); at != timers.end();) {
      auto [due, fire] = at->second;
      at = due <= now ? timers.erase(at) : std::next(at);
      if (due <= now)
        fire();
    }
    turn();
  }

  /// Lets time pass until the next timer fires.
  void pass_to_next() {
    auto due = std::chrono::nanoseconds::max();
    for (const auto& [id, each] : timers)
      due = std::min(due, each.first);
    pass(due - now);
  }

  std::deque<std::function<void()>> posted;
  std::map<timer, std::pair<std::chrono::nanoseconds, std::function<void()>>>
    timers;
  std::chrono::nanoseconds now{0};
  std::vector<worker::event> emitted;
  std::vector<std::pair<json_text, store_reply>> asked;
  std::deque<std::pair<task_no, outcome>> ended;

private:
  timer last_timer_ = 0;
};

} // namespace heddle::graph::test
