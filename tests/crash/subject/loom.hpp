#pragma once

#include "runtime/runtime.hpp"
#include "tests/crash/subject/ledger.hpp"
#include "worker/worker.hpp"

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace heddle::crash {

class loom_channel;

/// How a loom treats the runs it is given.
enum class temper {
  scripted, ///< As their input says.
  willing,  ///< Ends them all, whatever their input says.
  absent,   ///< It never comes up, so that nothing is started.
};

/// Executes runs inside of this process, as the `plan` in their input says:
/// `{"steps": n, "hold": bool, "fail": bool, "item": key}`. Keeps in the ledger
/// what was started and what was acknowledged to it.
class loom final : public worker::launcher {
public:
  loom(runtime& threads, ledger& book, temper how)
    : threads_(threads), book_(book), how_(how) {}

  std::shared_ptr<worker::channel> launch(worker::report_sink sink) override;

  /// Blocks until the run holds. @returns false if it takes too long.
  bool await_held(const run_id& run);

  /// Ends a run that holds.
  void let_go(const run_id& run);

  /// Nothing is done or said from now on: the server is about to go.
  void close();

private:
  friend class loom_channel;

  struct gate {
    std::mutex mutex;
    bool open = true;
  };

  void holds(const run_id& run, std::weak_ptr<loom_channel> where);

  runtime& threads_;
  ledger& book_;
  temper how_;
  std::shared_ptr<gate> gate_ = std::make_shared<gate>();
  std::mutex mutex_; // Guards what follows.
  std::condition_variable changed_;
  std::map<run_id, std::weak_ptr<loom_channel>> held_;
};

} // namespace heddle::crash
