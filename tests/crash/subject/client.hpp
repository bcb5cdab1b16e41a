#pragma once

#include "tests/crash/subject/house.hpp"
#include "tests/crash/subject/picture.hpp"

#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace heddle::crash {

/// What is wrong with a subject, so that a rig can be seen to find it.
enum class defect {
  none,
  hasty, ///< Acknowledges before it asks.
};

/// How a client wants a run.
struct run_wish {
  int steps = 2;
  bool hold = false;
  bool fail = false;
  bool deferred = false;
  bool stateless = false;
  bool resumable = false;
  bool webhook = false;
  std::string item{};
  multitask_strategy multitask = multitask_strategy::enqueue;
  heddle::durability durability = heddle::durability::async;
};

/// A run that was acknowledged.
struct made_run {
  run_id id;
  thread_id thread;
  bool over = false;     ///< Or about to be.
  bool stopping = false; ///< Cancelled, and not yet seen to be over.
};

/// A client that writes into the ledger what it asks for and, after the answer
/// and before it goes on, what it was told. Blocking; one OS thread.
class client {
public:
  client(house& home, database& rows, ledger& book, std::uint64_t seed,
         defect how)
    : home_(home), rows_(rows), book_(book), dice_(seed), how_(how),
      ops_(seed << 20U) {}

  std::size_t below(std::size_t n) { return dice_() % n; }
  bool chance(unsigned percent) { return below(100) < percent; }

  thread_id make_thread();
  /// Nothing if it was refused, as `reject` is on a busy thread.
  std::optional<run_id> make_run(const std::optional<thread_id>& thread,
                                 run_wish how);
  /// Many at once, without waiting in between: they share commits.
  std::vector<run_id> make_runs(const std::vector<thread_id>& threads,
                                const run_wish& how);
  void await_held(const run_id& run);
  /// Waits for the end; what is then read is final.
  void await_over(const run_id& run);
  void finish(const run_id& run);

  void cancel(const std::vector<run_id>& runs, cancel_action action,
              answer_after after = answer_after::intent);
  void cancel_status(cancel_by_status which, cancel_action action);
  void delete_run(const run_id& run);
  void delete_thread(const thread_id& thread);
  void update_state(const thread_id& thread);
  void patch(const thread_id& thread);
  void copy(const thread_id& thread);
  void make_assistant();
  /// Notes how a thread is. If its runs are those of the last time, all else
  /// must be too.
  void remember(const thread_id& thread);

private:
  nlohmann::json describe(std::uint64_t op,
                          const std::optional<thread_id>& thread,
                          const run_wish& how);
  std::vector<run_id> superseded(const std::optional<thread_id>& thread,
                                 const run_wish& how);
  void forget(const std::vector<run_id>& runs);
  std::vector<run_id> those(bool over, bool stopping) const;
  std::shared_ptr<run_reader> make_reader(const run_wish& how);
  void hit(std::uint64_t op, const std::vector<run_id>& runs, bool all,
           const result<cancel_receipt>& got);

  house& home_;
  database& rows_;
  ledger& book_;
  std::mt19937_64 dice_;
  defect how_;
  std::uint64_t ops_; ///< Unique among clients of one store.
  std::map<run_id, made_run> runs_;
  std::map<thread_id, picture> remembered_;
};

} // namespace heddle::crash
