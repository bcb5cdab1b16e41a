#pragma once

#include "tests/house/executor.hpp"
#include "tests/sim/dice.hpp"
#include "tests/sim/judge.hpp"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace heddle::test {

/// Makes scripted executors behave: well, slowly, badly. One step at a time.
class crew {
public:
  crew(dice& chance, judge& verdict, coverage& seen)
    : dice_(chance), judge_(verdict), seen_(seen) {}

  /// A life begins.
  void attach(scripted_launcher& workers);

  /// Something some executor would do next. False if none has anything to do.
  bool step();
  /// A process dies, or its loop hangs for a while.
  void mishap();
  /// From now on no mishaps, and whoever is blocked wakes up.
  void behave();
  /// Every process dies with its server.
  void server_died();
  /// The server stops: from now on it may kill whom it wants.
  void server_stops() { stopping_ = true; }

private:
  enum class manner : std::uint8_t {
    plain,
    failing,    ///< Ends with an error.
    ignoring,   ///< Does not hear a cancel.
    swallowing, ///< Hears it, and ends as if nothing had been.
    late,       ///< Puts checkpoints after a cancel.
    lingering,  ///< Ends, and never gets clean.
    stubborn,   ///< Does not drain.
    waiting,    ///< Awaits something outside, for seconds.
  };

  struct part {
    manner how = manner::plain;
    std::size_t left = 0; ///< Steps of work.
    std::size_t puts = 0;
    timestamp until; ///< It waits until then.
    std::string last;
    std::size_t refused = 0; ///< Counted already.
  };

  using key = std::pair<executor*, worker::run_no>;

  void take_on(executor& process, work& in);
  bool busy(const executor& process, const work& in);
  void act(executor& process, work& in);
  void stop(executor& process, work& in, part& me);
  void do_some(executor& process, work& in, part& me);
  void end(executor& process, work& in, worker::end_outcome how);
  void answer(executor& process, work& in, part& me);
  void put(executor& process, work& in, part& me);
  void die(executor& process, const std::string& why);

  dice& dice_;
  judge& judge_;
  coverage& seen_;
  scripted_launcher* workers_ = nullptr;
  std::map<key, part> parts_;
  std::uint64_t checkpoints_ = 0;
  bool good_ = false;
  bool stopping_ = false;
};

} // namespace heddle::test
