#pragma once

#include "store/rows.hpp"
#include "store/sqlite_db.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace heddle::test {

/// One row changed, as it was committed. Written by triggers in the same
/// transaction, so that nothing that did not happen is in it.
struct ghost_line {
  enum class kind : std::uint8_t {
    run_inserted,
    run_changed,
    run_deleted,
    thread_inserted,
    thread_changed,
    thread_deleted,
    checkpoint,
    write,
    event,
    hook,
    op, ///< A write begins here; `n` is its tag, or 0.
  };
  kind what = kind::run_inserted;
  std::int64_t n = 0;      ///< Of the run (or thread).
  std::int64_t thread = 0; ///< Its number.
  uuid_bytes id{};
  std::optional<run_row> before; ///< Only what changes is filled in.
  run_row after;
  event_id event;
  std::int64_t multitask = 0;
  bool deleted = false; ///< Of a thread.
};

/// Sees what is committed to a store's database.
class ghost_log {
public:
  explicit ghost_log(sqlite::connection& db);

  /// What has been committed since the last call, in its order.
  std::vector<ghost_line> take();

  /// Empties every table, for the next schedule.
  void wipe();

  /// Everything of a thread that a rollback of `run` must bring back.
  std::string snapshot(std::int64_t thread, std::int64_t run);
  /// What is left of a run that is gone.
  std::int64_t leftovers(std::int64_t run);
  std::size_t kept_events(std::int64_t run);
  std::int64_t count(const char* sql) { return db_.number(0, sql); }

private:
  sqlite::connection& db_;
  int changes_ = -1;
};

} // namespace heddle::test
