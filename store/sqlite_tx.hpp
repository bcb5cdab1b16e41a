#pragma once

#include "store/sqlite_db.hpp"
#include "store/store.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace heddle::sqlite {

/// What the transactions of one store share.
struct environment {
  std::function<timestamp()> clock; ///< For the TTL of items. Any thread.
  std::atomic<std::uint64_t> marks{0};
  /// The last numbers given out: never again in this life, also if their rows
  /// are deleted. Writer only.
  std::int64_t run_n = 0;
  std::int64_t checkpoint_n = 0;
  /// Ends a bulk slice after so many runs; 0: only by time.
  std::size_t slice_rows_max = 0;
};

/// A run with the number of its thread.
struct placed_run {
  run_row row;
  std::int64_t thread = 0;
  bool webhook = false;
  bool thread_deleted = false;
  std::optional<timestamp> started; ///< First start.

  /// Marked by a bulk and not yet reached by a slice.
  bool marked() const noexcept {
    return row.status == run_status::pending && row.cancel.has_value();
  }
  /// As readers see it: absent.
  bool hidden() const noexcept {
    return thread_deleted || row.flags.deleting
           || (marked() && row.cancel == cancel_action::rollback);
  }
  /// As readers see it; not for hidden ones.
  run_status shown() const noexcept {
    return marked() ? run_status::interrupted : row.status;
  }
};

/// Where a thread stands: its live state, or its latest root checkpoint.
struct standing {
  bool any = false;            ///< There is a state.
  bool known = true;           ///< What comes next is known.
  std::int64_t checkpoint = 0; ///< The latest root checkpoint; 0: none.
  bool live = false;           ///< The texts below are a live state's.
  json_text next;              ///< An array.
  json_text tasks;
  json_text interrupts; ///< Of a live state only.
  json_text values;     ///< Empty: made of channels, or none.
};

/// Reads and writes on one connection. The caller opens and ends the
/// transaction; a connection that only reads serves as a `read_tx`.
class sqlite_tx : public write_tx {
public:
  sqlite_tx(connection& db, environment& env) : db_(db), env_(env) {}

  // -- sqlite_assistants.cpp
  std::optional<assistant_record> assistant(const assistant_id& id) override;
  std::vector<assistant_record>
  search_assistants(const assistant_query& query) override;
  std::uint64_t count_assistants(const assistant_query& query) override;
  void put_assistant(const assistant_record& assistant) override;
  bool remove_assistant(const assistant_id& id) override;

  // -- sqlite_threads.cpp, sqlite_search.cpp, sqlite_copy.cpp
  std::optional<thread_record> thread(const thread_id& id) override;
  std::optional<thread_record>
  thread_without_state(const thread_id& id) override;
  std::vector<thread_record> search_threads(const thread_query& query) override;
  std::uint64_t count_threads(const thread_query& query) override;
  bool insert_thread(const thread_record& thread) override;
  bool update_thread(const thread_id& id, const json_text& metadata,
                     const json_text& config, timestamp now) override;
  bool copy_thread(const thread_id& from, const thread_id& to,
                   timestamp now) override;
  void refresh_thread(const thread_id& thread, timestamp now) override;

  // -- sqlite_runs.cpp
  std::optional<run_record> run(const thread_id& thread,
                                const run_id& run) override;
  std::vector<run_record> list_runs(const run_query& query) override;
  std::vector<run_id> live_runs(const thread_id& thread,
                                std::size_t limit) override;
  bool has_live_run(const thread_id& thread) override;
  std::size_t count_waiting(const thread_id& thread,
                            std::size_t limit) override;
  std::vector<run_id> run_ids(const thread_id& thread,
                              std::size_t limit) override;
  live_listing live_by_status(const by_status& which,
                              std::size_t limit) override;
  std::optional<run_row> row(const run_id& run) override;
  std::vector<run_row> live_rows(const thread_id& thread,
                                 std::size_t limit) override;
  std::string graph_of(std::int64_t run) override;
  std::vector<ready_run> ready_runs(timestamp now, ready_position after,
                                    std::size_t limit,
                                    const graph_filter& graphs) override;
  std::optional<timestamp> next_due(timestamp now) override;
  run_counts counts() override;

  // -- sqlite_create.cpp
  run_row insert_run(const new_run& run) override;
  std::optional<started_run> start_run(const run_id& run,
                                       timestamp now) override;

  // -- sqlite_cancel.cpp
  cancel_outcome cancel_run(const thread_id& thread, const run_id& run,
                            cancel_action action, std::string_view reason,
                            timestamp now) override;
  std::vector<std::pair<run_row, cancel_outcome>>
  cancel_live_runs(const thread_id& thread, cancel_action action,
                   std::string_view reason, timestamp now) override;

  // -- sqlite_leave.cpp
  leave_outcome finish_run(const run_ref& run, const run_end& end,
                           timestamp now) override;
  leave_outcome apply_effect(const run_ref& run, timestamp now) override;
  leave_outcome requeue_run(const run_ref& run, bool strike, timestamp due,
                            timestamp now) override;
  recovery recover(std::uint32_t strikes_max, timestamp now) override;

  // -- sqlite_delete.cpp
  std::optional<std::vector<run_row>> delete_thread(const thread_id& id,
                                                    std::string_view reason,
                                                    timestamp now) override;
  delete_outcome delete_run(const thread_id& thread, const run_id& run,
                            std::string_view reason, timestamp now) override;

  // -- sqlite_bulk.cpp
  bulk_mark mark_runs(const bulk_selector& what, cancel_action action,
                      std::string_view reason, timestamp now,
                      bool receipt) override;
  slice_outcome bulk_slice(std::chrono::microseconds budget,
                           timestamp now) override;

  // -- sqlite_state.cpp: reading; sqlite_put.cpp: writing
  std::optional<checkpoint_row>
  checkpoint(const thread_id& thread, std::string_view ns,
             const std::optional<std::string>& id) override;
  std::vector<checkpoint_row>
  checkpoints(const checkpoint_query& query) override;
  std::optional<live_state_row> live_state(const thread_id& thread) override;
  fence put_checkpoint(const run_ref& run, const thread_id& thread,
                       const new_checkpoint& checkpoint) override;
  fence put_writes(const run_ref& run, const thread_id& thread,
                   const new_writes& writes) override;
  fence put_view(const run_ref& run, const thread_id& thread,
                 const checkpoint_view& view) override;
  void fill_view(const thread_id& thread, const checkpoint_view& view) override;
  fence put_live_state(const run_ref& run, const thread_id& thread,
                       const live_state_row& state) override;

  // -- sqlite_events.cpp
  std::vector<event_row> events(const run_id& run, event_id after,
                                std::size_t limit) override;
  std::optional<std::pair<event_id, event_id>>
  event_range(const run_id& run) override;
  fence append_events(const run_ref& run,
                      const std::vector<event_row>& events) override;
  void trim_events(const run_id& run, event_id last) override;
  std::size_t expire_events(timestamp before, std::size_t limit) override;

  // -- sqlite_items.cpp
  std::optional<item_row> item(const std::vector<std::string>& ns,
                               std::string_view key) override;
  std::vector<item_row> search_items(const item_query& query) override;
  std::vector<std::vector<std::string>>
  namespaces(const namespace_query& query) override;
  void put_item(const item_row& item) override;
  void remove_item(const std::vector<std::string>& ns,
                   std::string_view key) override;

  // -- sqlite_outbox.cpp
  std::vector<outbox_row> outbox(timestamp now, std::size_t limit) override;
  std::optional<timestamp> next_outbox(timestamp now) override;
  void outbox_done(std::int64_t n) override;
  void outbox_retry(std::int64_t n, timestamp at) override;
  std::string meta(std::string_view key) override;
  void set_meta(std::string_view key, std::string_view value) override;

private:
  // -- sqlite_runs.cpp
  std::optional<placed_run> find(const run_id& id);
  std::optional<placed_run> find(std::int64_t n);
  /// Only if it is on that thread.
  std::optional<placed_run> find(const thread_id& thread, const run_id& id);
  /// The runs of the thread with `status<2`, in start order.
  std::vector<placed_run> live_of(std::int64_t thread, std::size_t limit);
  std::optional<placed_run> running_of(std::int64_t thread);
  run_record record_of(cursor& row);

  // -- sqlite_threads.cpp
  /// 0 if there is none, or it is being deleted.
  std::int64_t thread_number(const thread_id& id);
  thread_record thread_of(cursor& row);
  bool busy(std::int64_t thread);
  standing stand(std::int64_t thread);
  json_text values_of(std::int64_t thread, const standing& at);
  /// The thread's row after a run has left it. `error`: JSON.
  void settle(std::int64_t thread, run_status ended, std::string_view error,
              timestamp now);
  void index_metadata(std::int64_t thread, std::string_view before,
                      std::string_view after);

  // -- sqlite_create.cpp
  /// Gives the thread the head it should have. @returns whether it moved.
  bool advance_head(std::int64_t thread);

  // -- sqlite_cancel.cpp
  /// Raises the intent of a running run. @returns false if it had that much.
  bool raise(placed_run& run, cancel_action action, std::string_view reason,
             timestamp now);
  /// Ends a pending run. @returns whether a head moved.
  bool end_pending(const placed_run& run, cancel_action action,
                   std::string_view reason, timestamp now);

  // -- sqlite_leave.cpp
  leave_outcome effect(placed_run run, timestamp now);
  leave_outcome finish(placed_run run, const run_end& end, timestamp now);
  leave_outcome refusal(const run_ref& ref);
  /// What both ends of a run that stays have in common.
  void close_run(const placed_run& run, timestamp now);

  // -- sqlite_delete.cpp
  /// Deletes a run that is not over and all that it wrote; what that covered
  /// shows again.
  void purge_run(const placed_run& run);
  /// Deletes a run that is over; later runs may build on what it wrote.
  void purge_finished(const placed_run& run);
  void drop_thread(std::int64_t thread);

  // -- sqlite_bulk.cpp
  struct work;
  void mark_running(const std::vector<std::int64_t>& runs, cancel_action action,
                    std::string_view reason, timestamp now, bulk_mark& mark);
  bulk_mark mark_ids(const by_ids& what, cancel_action action,
                     std::string_view reason, timestamp now);
  void mark_where(std::int64_t kind, const std::optional<blob_view>& key,
                  cancel_action action, std::string_view reason, timestamp now,
                  bulk_mark& mark);
  void end_marked(const placed_run& run, std::string_view reason,
                  timestamp now);
  std::vector<std::int64_t> marked_runs(const work& todo, std::size_t limit);

  // -- sqlite_state.cpp
  checkpoint_row checkpoint_of(cursor& row, std::int64_t thread);
  std::string assemble(std::string_view chans, std::string_view shape);

  // -- sqlite_put.cpp
  struct gate;
  gate pass(const run_ref& run, const thread_id& thread);
  std::string put_values(const gate& at, const new_checkpoint& checkpoint);

  // -- sqlite_outbox.cpp
  /// Queues the webhook of a run that is over, if it has one.
  bool notify(const placed_run& run, std::string_view status,
              std::string_view error, bool values, timestamp now);

  connection& db_;
  environment& env_;
  std::size_t receipt_max_ = receipt_runs_max; ///< Of the mark under way.
};

/// As the column `flags` has it.
std::int64_t to_bits(const run_flags& flags, bool webhook) noexcept;

} // namespace heddle::sqlite
