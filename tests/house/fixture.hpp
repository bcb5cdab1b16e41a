#pragma once

#include "tests/catch.hpp"
#include "tests/house/world.hpp"

#include "heddle/requests.hpp"

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace heddle::test {

/// How a test wants a run.
struct wish {
  multitask_strategy multitask = multitask_strategy::enqueue;
  std::chrono::seconds after{0};
  heddle::durability durability = heddle::durability::async;
  bool resumable = false;
  bool stateless = false;
  std::string assistant = "graph";
  bool cancel_on_disconnect = false;
  std::string webhook{};
};

/// A house that stands, and short words for what tests do with it.
struct fixture : world {
  explicit fixture(options what = quick());

  /// Every test ends with this: what was kept quiet would be a bug too.
  ~fixture();

  // -- clients

  thread_id make_thread();
  /// Asks for a run; nothing is settled.
  slot<server::created_run> ask_run(const thread_id& thread, wish how = {},
                                    std::shared_ptr<run_reader> reader = {},
                                    follow_options follow = {});
  /// Creates and settles. It executes if a slot is free.
  run_id create(const thread_id& thread, wish how = {},
                std::shared_ptr<run_reader> reader = {},
                follow_options follow = {});
  slot<cancel_receipt> cancel(const thread_id& thread, std::vector<run_id> runs,
                              cancel_action action = cancel_action::interrupt,
                              answer_after after = answer_after::intent);
  slot<cancel_receipt> cancel_status(cancel_by_status which,
                                     cancel_action action
                                     = cancel_action::interrupt,
                                     answer_after after = answer_after::intent);
  std::pair<std::shared_ptr<kept_reader>, slot<follower>>
  follow(const thread_id& thread, const run_id& run, follow_options how = {});
  slot<void> erase(const thread_id& thread, const run_id& run);
  slot<void> erase(const thread_id& thread);

  // -- what readers see

  std::optional<run_record> record(const thread_id& thread, const run_id& run);
  std::optional<run_status> status(const thread_id& thread, const run_id& run);
  std::optional<thread_record> thread(const thread_id& id);
  std::optional<run_row> row(const run_id& run);
  /// Everything of a thread that a rollback has to bring back.
  std::string state_of(const thread_id& id);

  // -- executors

  /// The executor of the latest start of a run; null if it never started.
  executor* where(const run_id& run);
  /// What that executor knows of it.
  work& work_of(const run_id& run);
  int starts(const run_id& run);
  void event(const run_id& run, const std::string& json);
  void put(const run_id& run, const std::string& id, const std::string& json,
           std::vector<std::string> next = {});
  void finish(const run_id& run,
              worker::end_outcome how = worker::end_outcome::success);
};

// -- ways to follow

/// Waits for the end and its document.
follow_options waiting();
/// Replays what came after that event.
follow_options since(std::string id);
/// Is shown one mode.
follow_options only(std::string mode);

/// The outcomes of a receipt, in its order.
std::vector<cancel_receipt::outcome> outcomes(const slot<cancel_receipt>& got);

} // namespace heddle::test
