#pragma once

#include "heddle/assistant.hpp"
#include "heddle/error.hpp"
#include "heddle/run.hpp"
#include "heddle/thread.hpp"
#include "store/rows.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The port of the one transactional truth. Rules of cancel that are guards on
// rows stand here, all in one place (docs/cancel.md, "The guards"):
//
//   start   status=0 AND cancel IS NULL AND head=1
//           AND due<=now                                    epoch+1, attempt+1
//   put     status=1 AND epoch=e AND ifnull(cancel,0)<2
//   finish  status=1 AND epoch=e AND cancel IS NULL
//   requeue as finish                                       epoch+1
//   effect  status=1 AND cancel IS NOT NULL                 epoch+1
//
// Whatever runs into 0 rows changes nothing and says so.

namespace heddle {

/// What can be read in one consistent snapshot. Every status in here is seen
/// through one view: `pending` marked with interrupt reads `interrupted`,
/// `pending` marked with rollback (or with its thread deleted) is absent, and
/// a thread is busy if it has a run with `status=1 OR (status=0 AND cancel IS
/// NULL)`. Used on the OS thread that was handed it, within the call.
class read_tx {
public:
  virtual ~read_tx() = default;

  // -- assistants
  virtual std::optional<assistant_record> assistant(const assistant_id& id) = 0;
  virtual std::vector<assistant_record>
  search_assistants(const assistant_query& query) = 0;
  virtual std::uint64_t count_assistants(const assistant_query& query) = 0;

  // -- threads
  virtual std::optional<thread_record> thread(const thread_id& id) = 0;
  /// The same without what is derived from its latest state, which may be
  /// large: `values`, `interrupts` and `error` are empty.
  virtual std::optional<thread_record> thread_without_state(const thread_id& id)
    = 0;
  virtual std::vector<thread_record> search_threads(const thread_query& query)
    = 0;
  virtual std::uint64_t count_threads(const thread_query& query) = 0;

  // -- runs
  virtual std::optional<run_record> run(const thread_id& thread,
                                        const run_id& run)
    = 0;
  /// Newest `created` first.
  virtual std::vector<run_record> list_runs(const run_query& query) = 0;
  /// Ids of the runs in flight (pending or running, as the view shows), oldest
  /// first, at most `limit`.
  virtual std::vector<run_id> live_runs(const thread_id& thread,
                                        std::size_t limit)
    = 0;
  virtual bool has_live_run(const thread_id& thread) = 0;
  /// How many runs of the thread wait to start, counted up to `limit`.
  virtual std::size_t count_waiting(const thread_id& thread, std::size_t limit)
    = 0;
  /// Ids of the thread's runs in any status, also of those that read as absent;
  /// at most `limit`, in no order.
  virtual std::vector<run_id> run_ids(const thread_id& thread,
                                      std::size_t limit)
    = 0;
  /// Runs in flight of all threads, oldest first, with their status as the view
  /// shows it; at most `limit`, and how many there are in all.
  virtual live_listing live_by_status(const by_status& which, std::size_t limit)
    = 0;
  /// The row behind a run as it is, not as the view shows it.
  virtual std::optional<run_row> row(const run_id& run) = 0;
  /// Rows of all runs of the thread with `status<2`, in start order, at most
  /// `limit`.
  virtual std::vector<run_row> live_rows(const thread_id& thread,
                                         std::size_t limit)
    = 0;
  /// Runs of such graphs that may start now (heads, unmarked, due), in the
  /// order (due, n) after the given position; at most `limit`.
  virtual std::vector<ready_run> ready_runs(timestamp now, ready_position after,
                                            std::size_t limit,
                                            const graph_filter& graphs)
    = 0;
  /// The graph of the run with that number; empty if there is no such run.
  virtual std::string graph_of(std::int64_t run) = 0;
  /// When the next deferred head becomes due after `now`.
  virtual std::optional<timestamp> next_due(timestamp now) = 0;
  virtual run_counts counts() = 0;

  // -- what a running graph reads
  /// The checkpoint, or the latest of that namespace. `ns` is "" for the root.
  virtual std::optional<checkpoint_row>
  checkpoint(const thread_id& thread, std::string_view ns,
             const std::optional<std::string>& id)
    = 0;
  /// Newest first (order of commits, not of ids).
  virtual std::vector<checkpoint_row> checkpoints(const checkpoint_query& query)
    = 0;
  /// The live state where it differs from the latest checkpoint's view.
  virtual std::optional<live_state_row> live_state(const thread_id& thread) = 0;

  // -- events of resumable streams
  /// Events with an id greater than `after`, oldest first, at most `limit`.
  virtual std::vector<event_row> events(const run_id& run, event_id after,
                                        std::size_t limit)
    = 0;
  /// The smallest and greatest id kept; nothing if there are none.
  virtual std::optional<std::pair<event_id, event_id>>
  event_range(const run_id& run) = 0;

  // -- long-term store
  virtual std::optional<item_row> item(const std::vector<std::string>& ns,
                                       std::string_view key)
    = 0;
  virtual std::vector<item_row> search_items(const item_query& query) = 0;
  virtual std::vector<std::vector<std::string>>
  namespaces(const namespace_query& query) = 0;

  // -- outbox
  /// Due webhooks, oldest first.
  virtual std::vector<outbox_row> outbox(timestamp now, std::size_t limit) = 0;
  virtual std::optional<timestamp> next_outbox(timestamp now) = 0;

  /// A value of the server's own (worker process stamps, …); empty if absent.
  virtual std::string meta(std::string_view key) = 0;
};

/// What can be done in one transaction. It shares the transaction's snapshot:
/// reads see what was written before.
class write_tx : public read_tx {
public:
  // -- assistants
  virtual void put_assistant(const assistant_record& assistant) = 0;
  /// False if there is none. Its runs must have been marked before.
  virtual bool remove_assistant(const assistant_id& id) = 0;

  // -- threads
  /// False if the id is taken (also by a thread that is being deleted).
  virtual bool insert_thread(const thread_record& thread) = 0;
  /// False if there is none. Touches `updated`.
  virtual bool update_thread(const thread_id& id, const json_text& metadata,
                             const json_text& config, timestamp now)
    = 0;
  /// Copies thread, checkpoints, writes and values under a new id; no runs.
  /// False if there is no such thread.
  virtual bool copy_thread(const thread_id& from, const thread_id& to,
                           timestamp now)
    = 0;
  /// Marks every run in flight for rollback with `reason` and the thread as
  /// deleted, from now on absent to readers. If nothing is running, all rows go
  /// at once. @returns nothing if there is no such thread; else the runs that
  /// must be stopped first: their effects remove the rest.
  virtual std::optional<std::vector<run_row>>
  delete_thread(const thread_id& id, std::string_view reason, timestamp now)
    = 0;

  // -- run life cycle: guards above
  /// Adds a pending run; computes its `head`. The thread exists.
  virtual run_row insert_run(const new_run& run) = 0;
  /// @returns nothing if the guard met no row.
  virtual std::optional<started_run> start_run(const run_id& run, timestamp now)
    = 0;
  /// Raises the intent. A pending run is over in this transaction (`ended`).
  virtual cancel_outcome cancel_run(const thread_id& thread, const run_id& run,
                                    cancel_action action,
                                    std::string_view reason, timestamp now)
    = 0;
  /// The same for every run in flight on the thread, oldest first.
  virtual std::vector<std::pair<run_row, cancel_outcome>>
  cancel_live_runs(const thread_id& thread, cancel_action action,
                   std::string_view reason, timestamp now)
    = 0;
  /// Ends a running run without an intent: status, thread row (status, values,
  /// interrupts, error), outbox, next head; a `temporary` run goes with its
  /// thread.
  virtual leave_outcome finish_run(const run_ref& run, const run_end& end,
                                   timestamp now)
    = 0;
  /// Makes the intent of a running run true: `interrupted`, or gone.
  virtual leave_outcome apply_effect(const run_ref& run, timestamp now) = 0;
  /// Back to pending (epoch + 1); with `strike`, `strikes` + 1. Due at `due`,
  /// if that is still to come; else it keeps the place that it had.
  virtual leave_outcome requeue_run(const run_ref& run, bool strike,
                                    timestamp due, timestamp now)
    = 0;
  /// Deletes a run in any status: an unfinished one gets the rollback intent
  /// and reads as absent from now on; one that is not running goes at once with
  /// its checkpoints, writes, values and events that no other run refers to.
  virtual delete_outcome delete_run(const thread_id& thread, const run_id& run,
                                    std::string_view reason, timestamp now)
    = 0;

  // -- bulk
  /// Marks all matching runs in flight, ends in this transaction those that are
  /// pending between attempts or stateless, and leaves a work row for the rest.
  /// Without `receipt` that list stays empty, and a large mark is quicker by
  /// what it takes to read those rows.
  virtual bulk_mark mark_runs(const bulk_selector& what, cancel_action action,
                              std::string_view reason, timestamp now,
                              bool receipt = true)
    = 0;
  /// Finishes marked pending runs of the oldest work row until `budget` is
  /// spent. @returns the threads whose heads moved, and whether work is left.
  virtual slice_outcome bulk_slice(std::chrono::microseconds budget,
                                   timestamp now)
    = 0;

  // -- what a running graph writes
  virtual fence put_checkpoint(const run_ref& run, const thread_id& thread,
                               const new_checkpoint& checkpoint)
    = 0;
  virtual fence put_writes(const run_ref& run, const thread_id& thread,
                           const new_writes& writes)
    = 0;
  virtual fence put_view(const run_ref& run, const thread_id& thread,
                         const checkpoint_view& view)
    = 0;
  /// How the API shows a checkpoint of which no worker has told that; nothing
  /// if it is known, or while a run of the thread executes. Is never undone.
  virtual void fill_view(const thread_id& thread, const checkpoint_view& view)
    = 0;
  virtual fence put_live_state(const run_ref& run, const thread_id& thread,
                               const live_state_row& state)
    = 0;
  /// Guard: status=1 AND epoch=e AND cancel IS NULL: after an intent nothing
  /// more is published.
  virtual fence append_events(const run_ref& run,
                              const std::vector<event_row>& events)
    = 0;
  /// Drops the events of a run up to and including `last`.
  virtual void trim_events(const run_id& run, event_id last) = 0;
  /// Drops the events of runs that ended before `before`; at most `limit` runs.
  virtual std::size_t expire_events(timestamp before, std::size_t limit) = 0;
  /// Recomputes status, values, interrupts of the thread row from its latest
  /// checkpoint (after a state update), clears `error`.
  virtual void refresh_thread(const thread_id& thread, timestamp now) = 0;

  // -- long-term store
  virtual void put_item(const item_row& item) = 0;
  virtual void remove_item(const std::vector<std::string>& ns,
                           std::string_view key)
    = 0;

  // -- outbox
  virtual void outbox_done(std::int64_t n) = 0;
  virtual void outbox_retry(std::int64_t n, timestamp at) = 0;

  // -- boot
  /// Run once before anything else: intents of running runs take effect; other
  /// running runs become pending with a strike, or `error` at `strikes_max`.
  /// Idempotent.
  virtual recovery recover(std::uint32_t strikes_max, timestamp now) = 0;

  virtual void set_meta(std::string_view key, std::string_view value) = 0;
};

/// Which queue a write waits in.
enum class lane : std::uint8_t {
  urgent, ///< Cancels: before everything that is not under way.
  normal,
};

/// The store. Any thread may call; every call returns at once.
///
/// Writes of one lane are committed in the order of the calls, many to a
/// commit. `op` runs on the writer's thread inside a transaction that it shares
/// with others; if the batch fails, it runs again in one of its own, so it must
/// only assign its results, not add to them. `done` is called on the writer's
/// thread once the write is durable, in the order of the commits, with the
/// number of the commit; or with the reason why nothing was written
/// (`errc::no_space`, `errc::unavailable` if the queue is full or the store
/// stopped, `errc::internal`). It must not block.
class store {
public:
  using commit_number = std::uint64_t;

  static constexpr std::size_t queued_writes_max = 200'000;
  static constexpr std::size_t queued_reads_max = 100'000;

  virtual ~store() = default;

  virtual void write(lane where, std::function<void(write_tx&)> op,
                     std::function<void(result<commit_number>)> done)
    = 0;

  /// Runs `job` on a reader's thread with a snapshot that holds at least
  /// everything that was committed (and reported) before the call. With an
  /// error instead if the queue is full or the store has stopped. `job` may
  /// take its time, but not wait for others.
  virtual void read(std::function<void(result<read_tx*>)> job) = 0;

  /// How many bulk marks have been begun since the start; rises before the
  /// mark is committed.
  virtual std::uint64_t marks_begun() const noexcept = 0;

  /// Writes what is queued, calls what waits, then ends the threads. Later
  /// calls get `errc::unavailable`. Idempotent.
  virtual void stop() = 0;
};

/// `store::write` for an operation with a result: `done` gets it after the
/// commit, or the error.
template <class Op, class Done>
void write(store& rows, lane where, Op op, Done done) {
  using value = decltype(op(std::declval<write_tx&>()));
  auto slot = std::make_shared<std::optional<value>>();
  rows.write(
    where, [slot, op = std::move(op)](write_tx& tx) mutable { *slot = op(tx); },
    [slot, done = std::move(done)](result<store::commit_number> at) mutable {
      if (at.has_error())
        return done(result<value>{boost::system::in_place_error, at.error()});
      done(result<value>{std::move(**slot)});
    });
}

/// `store::read` for a query with a result. A query that throws is
/// `errc::internal`.
template <class Query, class Done>
void read(store& rows, Query query, Done done) {
  using value = decltype(query(std::declval<read_tx&>()));
  rows.read([query = std::move(query),
             done = std::move(done)](result<read_tx*> tx) mutable {
    if (tx.has_error())
      return done(result<value>{boost::system::in_place_error, tx.error()});
    std::optional<result<value>> got;
    try {
      got.emplace(query(**tx));
    } catch (const std::exception& why) {
      got.emplace(boost::system::in_place_error,
                  error{errc::internal, why.what()});
    }
    done(std::move(*got));
  });
}

} // namespace heddle
