#pragma once

#include "graph/machine.hpp"
#include "worker/native/pool.hpp"
#include "worker/native/report_box.hpp"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace heddle::worker::native {

/// What executions share.
struct workshop {
  std::shared_ptr<link> way;
  std::shared_ptr<pool> threads;
};

/// One run or ask of a C++ graph: feeds its machine with what the server and
/// the nodes say, one event at a time, and performs the machine's actions in
/// their order. Any thread may call; nothing blocks but `emit` of a function
/// node. Lives as long as one of its nodes does: also what is fenced keeps its
/// machine until then.
class execution final : public graph::host,
                        public std::enable_shared_from_this<execution> {
public:
  using event = std::function<graph::actions(graph::machine&)>;

  /// `over` is called once, when the server has been told that nothing is left
  /// of the run.
  execution(std::shared_ptr<const workshop> shop,
            std::shared_ptr<report_box> box, run_no no, std::size_t credit,
            std::function<void()> over);

  void begin(std::unique_ptr<graph::machine> machine);

  /// To the machine, from the server. Dropped once the run is fenced.
  void tell(event what);

  /// The server's cancel: also wakes nodes that wait for credit.
  void cancel(worker::cancel what);

  void credit(std::size_t bytes);

  /// It did not stop: the server hears that it is over, and whatever its nodes
  /// still do goes nowhere. @returns how many threads they keep.
  std::size_t abandon();

  /// The same with the whole channel: nothing is told of it.
  void shut();

  // -- graph::host
  void post(std::function<void()> go_on) override;
  timer after(std::chrono::nanoseconds delay,
              std::function<void()> fire) override;
  void forget(timer which) override;
  void emit(worker::event what, bool may_block) override;
  void when_room(std::function<void()> go_on) override;
  void ask_store(json_text ops, graph::store_reply done) override;
  void finished(graph::task_no which, graph::outcome what) override;

private:
  void schedule();
  void drain();
  /// @returns whether it was the last one.
  bool step(const event& what);
  void perform(graph::action& what);
  void report_all(graph::actions& todo);
  void run(std::shared_ptr<graph::node_run> node);
  void spend(std::size_t bytes);
  /// For nodes that emit: false if the run is being stopped.
  bool wait_for_credit();

  const std::shared_ptr<const workshop> shop_;
  const std::shared_ptr<report_box> box_;
  report_box::mark mark_; ///< The box's.
  std::function<void()> over_;

  /// Held while the machine works, also through reducers that users wrote:
  /// only threads of the pool wait for it.
  std::mutex machine_mutex_;
  std::unique_ptr<graph::machine> machine_; // Guarded by it.

  std::mutex mutex_; // Guards the rest. Never held over a call.
  std::vector<event> inbox_;
  bool draining_ = false;
  bool stopping_ = false;
  std::int64_t credit_;
  std::condition_variable room_;
  std::vector<std::function<void()>> waiting_for_room_;
};

} // namespace heddle::worker::native
