#pragma once

#include "tests/house/world.hpp"
#include "tests/sim/dice.hpp"
#include "tests/sim/judge.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace heddle::test {

/// Everyone outside: asks at random, and holds every answer before the judge.
class clients {
public:
  clients(world& house, dice& chance, judge& verdict, coverage& seen)
    : house_(house), dice_(chance), judge_(verdict), seen_(seen) {}

  /// Threads to play on.
  void prepare();
  /// One request.
  void act();
  /// The server they spoke to is gone; so is every request under way.
  void server_gone();

  /// Every request has its one answer, every reader its one end.
  void check_answered() const;

private:
  struct reader {
    std::shared_ptr<kept_reader> at;
    run_id run;
    follower place;
    bool placed = false;
    bool resumable = false;
    bool replay = false;
    bool wait = false;
    bool left = false;
    bool cancels = false;
  };

  void create();
  void cancel_some();
  void cancel_many();
  void follow();
  void leave();
  void erase_run();
  void erase_thread();
  void get();
  void update();
  void answer_webhook();

  std::shared_ptr<reader> make_reader(const run_id& run, bool resumable);
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
  std::vector<thread_id> threads_;
  std::vector<std::pair<thread_id, run_id>> runs_;
  std::vector<std::shared_ptr<reader>> readers_;
  std::vector<std::shared_ptr<request>> requests_;
};

} // namespace heddle::test
