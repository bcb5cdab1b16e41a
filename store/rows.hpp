#pragma once

#include "heddle/ids.hpp"
#include "heddle/json.hpp"
#include "heddle/query.hpp"
#include "heddle/run.hpp"
#include "heddle/thread.hpp"
#include "heddle/time.hpp"

#include <algorithm>
#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// The values that cross the store's port.

namespace heddle {

// -- ids of events ---

/// `ms-seq`, compared as numbers.
struct event_id {
  std::int64_t ms = 0;
  std::int64_t seq = 0;
  auto operator<=>(const event_id&) const = default;
};

inline std::string to_string(const event_id& id) {
  return std::to_string(id.ms) + '-' + std::to_string(id.seq);
}

// -- runs ---------------------------------------------------------------------

struct run_flags {
  bool temporary = false; ///< Goes, with its thread, when it is over.
  bool resumable = false; ///< Its events are kept for replay.
  bool deleting = false;  ///< Deleted by a client: absent to readers.
  bool outlived = false;  ///< Its last strike was the end of a server.
  bool operator==(const run_flags&) const = default;
};

/// The narrow row of a run.
struct run_row {
  std::int64_t n = 0; ///< Order of creation.
  run_id id;
  thread_id thread;
  assistant_id assistant;
  run_status status = run_status::pending;
  cancel_intent cancel;
  std::uint64_t epoch = 0;   ///< Raised by every start, requeue and effect.
  std::uint32_t attempt = 0; ///< Raised by every start.
  std::uint32_t strikes = 0;
  bool head = false;
  run_flags flags;
  timestamp due;
  timestamp created;
  timestamp updated;

  /// It took a worker down: it runs in a process of its own, so that it takes
  /// no others with it. What a server took down is spared that: they are many,
  /// and a process of its own would save nobody.
  bool alone() const noexcept { return strikes > 0 && !flags.outlived; }
};

/// Names a run in one epoch: what the writes of its worker are fenced by. A nil
/// id stands for a client's own state update: no run, no guard; its checkpoints
/// and writes belong to no run.
struct run_ref {
  run_id id;
  std::uint64_t epoch = 0;
  bool operator==(const run_ref&) const = default;
};

struct new_run {
  run_id id;
  thread_id thread;
  assistant_id assistant;
  std::string graph;
  json_text kwargs;
  json_text metadata;
  multitask_strategy multitask = multitask_strategy::enqueue;
  std::string webhook; ///< Empty: none.
  heddle::durability durability = heddle::durability::async;
  run_flags flags;
  timestamp due;
  timestamp created; ///< What the API shows; equals `due` if deferred.
};

/// What `start_run` found: all that a worker needs.
struct started_run {
  run_row row; ///< As it is now: running, in its new epoch.
  std::string graph;
  json_text kwargs;
  heddle::durability durability = heddle::durability::async;
  event_id last_event; ///< The greatest id kept of its events.
  bool resume = false; ///< The store holds a checkpoint or write of this run.
};

/// What the row of a run let a cancel do. The row decides, nobody's memory.
struct cancel_outcome {
  enum class kind : std::uint8_t {
    ended,    ///< Was pending: the same transaction has ended it.
    raised,   ///< Is running: the intent is now what was asked.
    already,  ///< Is stopping with that much or more: nothing was written.
    terminal, ///< Was over before, or marked by a bulk interrupt.
    absent,   ///< No such run, or marked for rollback or deletion.
  };
  kind what = kind::absent;
  std::optional<run_status> was;    ///< As readers saw it before.
  std::optional<thread_id> advance; ///< The thread whose head moved.
  bool outbox = false;              ///< A webhook is waiting.
};

/// How a worker left a run that no one cancelled.
struct run_end {
  run_status status = run_status::success; ///< success, error or timeout.
  json_text error; ///< `{"error","message"}`, with error and timeout.
};

struct leave_outcome {
  enum class kind : std::uint8_t {
    left,      ///< Done as asked.
    cancelled, ///< finish, requeue: an intent is there; nothing was written.
    fenced,    ///< Another epoch, or no such run: nothing was written.
  };
  kind what = kind::fenced;
  cancel_intent intent;             ///< What it met.
  std::optional<run_status> status; ///< What the row became. None: deleted.
  bool thread_gone = false;         ///< The thread went with it.
  bool outbox = false;              ///< A webhook is waiting.
};

struct delete_outcome {
  enum class kind : std::uint8_t { absent, gone, stopping };
  kind what = kind::absent;
  std::optional<run_row> running; ///< With `stopping`: what must be stopped.
};

/// Position in the order of starts.
struct ready_position {
  timestamp due;
  std::int64_t n = 0;
  auto operator<=>(const ready_position&) const = default;
};

struct ready_run {
  ready_position at;
  run_id run;
  thread_id thread;
  bool alone = false; ///< It has a strike: it runs in a process of its own.
};

/// Picks runs by their graphs.
struct graph_filter {
  std::vector<std::string> names;
  bool except = true; ///< All graphs but these. Else only these.

  bool takes(std::string_view graph) const {
    return except != (std::ranges::find(names, graph) != names.end());
  }
};

struct run_counts {
  std::uint64_t pending = 0; ///< As the view shows.
  std::uint64_t running = 0;
  std::optional<timestamp> oldest_due; ///< Of the pending ones that are due.
};

// -- bulk ---------------------------------------------------------------------

struct by_status {
  bool pending = false;
  bool running = false;
};
struct by_assistant {
  assistant_id assistant;
};
/// For many ids at once; a few go through `cancel_run`.
struct by_ids {
  thread_id thread;
  std::vector<run_id> runs;
};
using bulk_selector = std::variant<by_status, by_assistant, by_ids>;

struct bulk_mark {
  std::uint64_t matched = 0;    ///< Not terminal, also if stopping already.
  std::uint64_t found = 0;      ///< `by_ids`: also those that are over.
  bool work = false;            ///< Slices are left to do.
  std::vector<run_row> running; ///< Must be told; as they are now.
  /// Threads whose heads moved in this transaction; slices may move others.
  std::vector<thread_id> advanced;
  /// The first `receipt_runs_max` matched, with their status before.
  std::vector<std::pair<run_row, run_status>> receipt;
};
inline constexpr std::size_t receipt_runs_max = 10'000;

struct live_listing {
  std::uint64_t matched = 0;
  std::vector<std::pair<run_row, run_status>> runs;
};

struct slice_outcome {
  bool more = false;
  std::vector<thread_id> advanced; ///< Threads whose heads moved.
};

struct recovery {
  std::uint64_t interrupted = 0;
  std::uint64_t rolled_back = 0;
  std::uint64_t requeued = 0;
  std::uint64_t failed = 0; ///< Out of strikes.
};

// -- checkpoints --------------------------------------------------------------

/// Whether the write of a worker was taken.
enum class fence : std::uint8_t {
  taken,
  stopping, ///< A rollback is under way: dropped.
  fenced,   ///< The run is not that worker's any more: dropped.
};

struct typed_bytes {
  std::string type;
  json_text bytes; ///< Raw bytes in a shared buffer; not JSON.
};

struct channel_value {
  std::string channel;
  std::string version;
  typed_bytes data;
  json_text json; ///< Empty: no JSON form.
};

struct new_checkpoint {
  std::string ns;
  std::string id;
  std::string parent; ///< Empty: none.
  typed_bytes head;
  json_text metadata;
  std::vector<channel_value> values; ///< The new ones.
  /// All that it holds, new ones included, in the library's order.
  std::vector<std::pair<std::string, std::string>> versions;
  timestamp created;
};

struct pending_write {
  std::string task;
  std::string path;
  std::int32_t idx = 0;
  std::string channel;
  typed_bytes data;
  json_text json;
};

struct new_writes {
  std::string ns;
  std::string id;
  std::vector<pending_write> items;
};

/// How the API shows a checkpoint.
struct checkpoint_view {
  std::string ns;
  std::string id;
  /// Channels whose JSON makes up `values`; none: `values` holds the text.
  std::optional<std::vector<std::string>> shape;
  json_text values;
  std::vector<std::string> next;
  json_text tasks; ///< An array.
};

struct checkpoint_row {
  std::int64_t n = 0;
  std::string ns;
  std::string id;
  std::string parent;
  std::optional<run_id> run;
  typed_bytes head;
  json_text metadata;
  std::optional<checkpoint_view> view; ///< None: the worker never sent one.
  std::vector<channel_value> values;   ///< Those that exist, in order.
  std::vector<pending_write> writes;   ///< As the library wants them.
  timestamp created;
};

struct checkpoint_query {
  thread_id thread;
  std::optional<std::string> ns;     ///< None: every namespace.
  std::optional<std::string> before; ///< A checkpoint id; only older ones.
  json_text filter;                  ///< Metadata containment; empty: all.
  std::uint32_t limit = 10;
};

/// The latest state where it is not the latest checkpoint's view.
struct live_state_row {
  json_text values;
  std::vector<std::string> next;
  json_text tasks;
  json_text interrupts;
};

// -- events -------------------------------------------------------------------

struct event_row {
  event_id id;
  std::string name;
  json_text data;
};

// -- long-term store ----------------------------------------------------------

struct item_row {
  std::vector<std::string> ns;
  std::string key;
  json_text value; ///< An object.
  timestamp created;
  timestamp updated;
  std::optional<timestamp> expires;
};

struct item_query {
  std::vector<std::string> prefix;
  json_text filter; ///< Empty: all. As the library's: key -> value or {"$op"}.
  std::uint32_t limit = 10;
  std::uint64_t offset = 0;
};

struct namespace_query {
  std::vector<std::string> prefix; ///< "*" matches any label.
  std::vector<std::string> suffix;
  std::optional<std::uint32_t> depth;
  std::uint32_t limit = 100;
  std::uint64_t offset = 0;
};

// -- outbox -------------------------------------------------------------------

struct outbox_row {
  std::int64_t n = 0;
  run_id run;
  std::string url;
  json_text body;
  std::uint32_t tries = 0;
};

} // namespace heddle
