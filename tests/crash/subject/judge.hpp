#pragma once

#include "tests/crash/subject/house.hpp"
#include "tests/crash/subject/picture.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace heddle::crash {

/// What may have become of a run, as far as the ledger knows.
struct known_run {
  run_id id;
  thread_id thread;
  bool hold = false;
  bool fail = false;
  bool deferred = false;
  bool stateless = false;
  bool webhook = false;
  bool started = false;
  bool may_finish = true; ///< Nothing keeps it from ending by itself.
  int hit = 0;            ///< The highest cancel that was accepted.
  int tried = 0;          ///< The highest that was asked for.
  int hit_before_start = 0;
  bool delete_tried = false;
  bool deleted = false;
  std::string seen;
  std::set<std::string> checkpoints;
  std::vector<std::string> hooks;
};

/// One cancel, or a create that cancels others, that was not answered.
struct open_bulk {
  std::vector<run_id> runs;
  int action = 0;
  std::optional<thread_id> by; ///< Of the create.
};

/// Reads a ledger, and holds what it promises against what is there.
class judge {
public:
  explicit judge(const std::vector<nlohmann::json>& lines);

  /// After a recovery, before anything executes.
  void look(server& api, database& rows);

  /// After everything that could execute has done so. `started`: the runs that
  /// a worker was given since.
  void look_again(server& api, database& rows,
                  const std::vector<nlohmann::json>& since);

  const std::vector<std::string>& violations() const noexcept {
    return violations_;
  }
  std::size_t facts() const noexcept { return facts_; }

private:
  void take(const nlohmann::json& line);
  void take_run(const nlohmann::json& line);
  void take_cancel(const nlohmann::json& line);
  void take_deed(const nlohmann::json& line);
  void take_event(const nlohmann::json& line);
  void take_early_events();
  void settle();

  void require(bool holds, const std::string& what);
  void look_at_threads(server& api);
  void look_at_run(server& api, known_run& run);
  void look_at_absent(const known_run& run);
  void look_at_status(const known_run& run, const std::string& status);
  void look_at_bulks();
  void look_at_unknown(server& api);
  void look_at_pictures(server& api, database& rows);
  void look_at_checkpoints(database& rows);
  void look_at_hooks(database& rows);
  void look_at_events(server& api);
  known_run* find(const std::string& id);
  std::string now(const run_id& run) const;
  static std::string text_of(const nlohmann::json& line, const char* name);

  std::map<run_id, known_run> runs_;
  std::map<std::uint64_t, nlohmann::json> asked_; ///< By op; unanswered.
  std::map<std::uint64_t, run_id> by_op_;
  std::vector<open_bulk> open_;
  std::set<thread_id> threads_;
  std::set<thread_id> threads_delete_tried_;
  std::set<thread_id> threads_deleted_;
  std::set<std::string> assistants_;
  std::set<std::string> items_;
  std::map<thread_id, std::set<std::string>> patches_;
  std::map<thread_id, std::string> updates_;
  std::map<thread_id, picture> pictures_;
  std::map<run_id, std::vector<nlohmann::json>> events_;
  std::map<std::uint64_t, std::vector<nlohmann::json>> early_events_;
  std::map<run_id, std::string> now_; ///< Status, or nothing if absent.
  std::vector<std::string> violations_;
  std::size_t facts_ = 0;
};

} // namespace heddle::crash
