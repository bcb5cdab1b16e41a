#pragma once

#include "tests/sim/coverage.hpp"
#include "tests/sim/ghost.hpp"

#include "heddle/server.hpp"
#include "tests/house/executor.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace heddle::test {

/// A schedule that broke the promise, and how.
struct violation : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What the judge knows of a run: what is committed, and who asked for what.
struct ghost_run {
  run_row row;
  std::int64_t thread = 0;
  multitask_strategy multitask = multitask_strategy::enqueue;
  bool gone = false;
  bool had_worker = false;
  std::uint64_t created_at = 0; ///< Step of its insert.
  bool delete_asked = false;
  cancel_intent accepted;            ///< The most that was answered.
  std::optional<std::string> before; ///< The thread before its first start.
  /// Epochs in which it executed and its worker or server died unordered.
  std::set<std::uint64_t> deaths;
  std::size_t hooks = 0; ///< Webhooks queued.
  timestamp intent_at;   ///< When its intent was raised first.
  std::vector<event_id> events;
  std::uint64_t emitted_at_end = UINT64_MAX;
  std::uint64_t emitted_at_answer = UINT64_MAX;
  std::optional<worker::end_outcome> said; ///< How its executor ended.
  /// As readers see it, by step.
  std::vector<std::pair<std::uint64_t, std::optional<run_status>>> views;

  bool live() const { return !gone && !is_terminal(row.status); }
};

/// Holds every commit and every answer against the invariants, at every step.
/// It never throws: it is asked in the midst of actors' handlers, which would
/// take that for a bug of theirs. `broken` tells the first violation.
class judge {
public:
  judge(ghost_log& log, coverage& seen, std::function<timestamp()> now)
    : log_(log), seen_(seen), now_(std::move(now)) {}

  /// Takes in what has been committed since.
  void catch_up();
  void next_step() { ++step_; }
  std::uint64_t step() const noexcept { return step_; }
  timestamp now() const { return now_(); }

  // -- who asks for what, before it is asked
  void asked(const run_id& run, cancel_action action);
  void delete_asked(const run_id& run);
  void thread_delete_asked(const thread_id& thread);
  /// @returns the tag that its write must carry.
  std::uint64_t bulk_asked(cancel_by_status which, cancel_action action,
                           bool silent = false);

  // -- answers
  void cancel_answered(const cancel_request& what, std::uint64_t since,
                       const result<cancel_receipt>& got);
  void create_answered(const run_id& run);
  void get_answered(const run_id& run, std::uint64_t since,
                    const std::optional<run_status>& got);

  void thread_answered(const thread_id& thread, std::uint64_t since, bool busy);

  // -- executors
  void started(const worker::start& what,
               const std::vector<std::shared_ptr<executor>>& all);
  /// On order, but not because the server stops.
  void process_killed(const executor& process);
  void process_died(const executor& process);
  /// The order came before the news: to the server it was its own doing.
  void death_was_ordered(const executor& process);
  void server_died();
  std::uint64_t emit() { return ++emitted_; }
  void shown(const run_id& run, std::uint64_t emitted);
  void reader_over(const run_id& run);

  // -- the end
  /// Nothing can move before time passes: whoever executes against an intent
  /// must have been told, and must not take for ever. `from`: faults were off.
  void check_pace(timestamp from);
  void check_end();
  void fail(const std::string& what, const ghost_run* run = {});
  const std::optional<std::string>& broken() const noexcept { return broken_; }

  ghost_run* find(const run_id& run);
  const std::map<std::int64_t, ghost_run>& runs() const { return runs_; }
  /// Its events have not expired.
  bool keeps_events(const ghost_run& run) const;
  thread_id thread_of(const ghost_run& run) const {
    return threads_.at(run.thread);
  }
  const std::vector<std::shared_ptr<executor>>* processes = nullptr;

private:
  struct bulk {
    cancel_by_status which;
    cancel_action action;
    bool silent = false; ///< Nobody is told.
  };

  void require(bool held, const char* what, const ghost_run* run = {}) {
    if (!held)
      fail(what, run);
  }

  void take(const ghost_line& line);
  void inserted(const ghost_line& line);
  void changed(const ghost_line& line);
  void check_start(ghost_run& run, const run_row& before);
  void check_left(ghost_run& run, const run_row& before);
  void check_raise(ghost_run& run, const run_row& before);
  void deleted(const ghost_line& line);
  void kept(const ghost_line& line);
  void begin_op(std::uint64_t tag);
  void end_op();
  void end_of_batch();
  void withdraw(const run_id& run, cancel_action action);
  void refused(const cancel_request& what, std::uint64_t since, errc why);
  void explain(std::int64_t n, cancel_action action);
  bool explained(const ghost_run& run, cancel_action action) const;
  void check_silent(const ghost_run& run);
  void check_accepted(ghost_run& run, cancel_action action);
  void check_bulk(const cancel_by_status& which, cancel_action action,
                  std::uint64_t since);
  void look(ghost_run& run);
  void look_at_threads();
  std::optional<run_status> view_of(const ghost_run& run) const;

  std::optional<std::string> broken_;
  ghost_log& log_;
  coverage& seen_;
  std::function<timestamp()> now_;
  std::uint64_t step_ = 0;
  std::uint64_t emitted_ = 0;
  std::map<std::int64_t, ghost_run> runs_;
  std::map<run_id, std::int64_t> numbers_;
  std::map<std::int64_t, thread_id> threads_;
  std::set<std::int64_t> threads_deleted_;
  std::set<thread_id> thread_deletes_asked_;
  /// Cancels that were asked for and may still be carried out.
  std::map<run_id, std::vector<cancel_action>> asks_;
  /// Whether each thread was busy, by step.
  std::map<std::int64_t, std::vector<std::pair<std::uint64_t, bool>>> busy_;
  std::set<run_id> early_deletes_;
  std::map<std::uint64_t, bulk> bulks_;
  std::uint64_t last_bulk_ = 0;
  std::set<std::pair<run_id, std::uint64_t>> starts_;
  // Of the batch that is being taken in.
  std::vector<std::pair<std::int64_t, cancel_action>> unexplained_;
  std::vector<std::int64_t> newly_started_;
  std::vector<std::int64_t> newly_rolled_back_;
  std::vector<std::int64_t> newly_inserted_;
  std::vector<run_id> newly_hooked_;
  // Of the write that is being taken in.
  std::uint64_t op_ = 0;
  std::set<std::int64_t> raised_by_op_;
};

} // namespace heddle::test
