#pragma once

#include "tests/house/world.hpp"
#include "tests/sim/dice.hpp"
#include "tests/sim/judge.hpp"
#include "tests/sim/sim_gate.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace heddle::test {

/// Everyone outside: asks at random, and holds every answer before the judge.
class clients {
public:
  clients(world& house, dice& chance, judge& verdict, coverage& seen,
          gate_faults& faults)
    : house_(house), dice_(chance), judge_(verdict), seen_(seen),
      faults_(faults) {}

  /// Threads to play on.
  void prepare();
  /// One request.
  void act();
  void storm();
  /// Intents without a word to anybody.
  void mark_untold();
  void stray_recheck();
  void cancel_after_recovery();
  /// The server they spoke to is gone; so is every request under way.
  void server_gone();

  /// Every request has its one answer, every reader its one end.
  void check_answered() const;
  /// No thread reads busy.
  void check_idle();

private:
  struct reader {
    std::shared_ptr<kept_reader> at;
    thread_id thread;
    run_id run;
    follower place;
    /// The event before the first that it must get, if that is known; empty:
    /// the first of all.
    std::optional<std::string> from;
    bool placed = false;
    bool replay = false;
    bool wait = false;
    bool left = false;
    bool cancels = false;
  };

  void create();
  void create(thread_id thread, multitask_strategy strategy);
  void cancel_some();
  void cancel_many();
  void follow();
  void come_back();
  void leave();
  void erase_run();
  void erase_thread();
  void get();
  void get_thread();
  void update();
  void answer_webhook();

  std::shared_ptr<reader> make_reader(const thread_id& thread,
                                      const run_id& run);
  void join(const std::shared_ptr<reader>& who, const follow_options& how);
  static std::string last_id(const reader& one);
  void check_reader(const reader& one) const;
  /// Counts a request under way, and its one answer.
  template <class T, class Check>
  std::function<void(result<T>)> expect(const char* what, Check check);
  std::vector<std::pair<thread_id, run_id>> some_runs();
  void note_cancel(const run_id& run, cancel_action action);

  struct request {
    const char* what;
    int answers = 0;
  };

  world& house_;
  dice& dice_;
  judge& judge_;
  coverage& seen_;
  gate_faults& faults_;
  std::vector<thread_id> threads_;
  std::vector<std::pair<thread_id, run_id>> runs_;
  std::vector<std::shared_ptr<reader>> readers_;
  std::vector<std::shared_ptr<reader>> broken_; ///< They may come back.
  std::vector<std::shared_ptr<request>> requests_;
};

template <class T, class Check>
std::function<void(result<T>)> clients::expect(const char* what, Check check) {
  auto open = std::make_shared<request>(request{what, 0});
  requests_.push_back(open);
  return [this, open, check](result<T> got) {
    if (++open->answers > 1)
      judge_.fail(std::string{"answered twice: "} + open->what);
    check(got);
  };
}

} // namespace heddle::test
