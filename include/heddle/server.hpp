#pragma once

#include "heddle/assistant.hpp"
#include "heddle/error.hpp"
#include "heddle/ids.hpp"
#include "heddle/options.hpp"
#include "heddle/query.hpp"
#include "heddle/requests.hpp"
#include "heddle/run.hpp"
#include "heddle/stream.hpp"
#include "heddle/thread.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace heddle {

/// Why a cancel was asked for; it becomes the run's `cancel_reason`.
struct cancel_cause {
  enum class kind : std::uint8_t { run_route, bulk_route, disconnect };
  kind what = kind::run_route;
  bool taken = false; ///< `reason=taken`: prefixes `taken:`.
};

struct cancel_request {
  cancel_selector what;
  cancel_action action = cancel_action::interrupt;
  answer_after after = answer_after::intent;
  cancel_cause cause;
  bool receipt = false; ///< The answer lists what was met.
  bool dry_run = false; ///< Acts on nothing; implies `receipt`.
};

struct cancel_receipt {
  enum class outcome : std::uint8_t {
    interrupted,
    rolled_back,
    stopping,
    finished,
    not_found,
  };
  struct entry {
    run_id run;
    thread_id thread; ///< Nil if not found by status.
    std::optional<run_status> was;
    outcome what = outcome::not_found;
  };
  std::uint64_t matched = 0;
  std::vector<entry> runs; ///< At most 10 000.
  bool truncated = false;
};

struct graph_status {
  std::string id;
  std::string description;
  bool loaded = false;
  std::string error; ///< Traceback, file and line.
};

struct worker_status {
  std::int64_t pid = 0;
  std::string state; ///< starting, ready, draining, killed
  std::size_t running = 0;
  std::uint64_t kills = 0;
};

/// A point in time of what `/metrics` shows. Histograms are in
/// `histogram`-shaped cumulative buckets of seconds.
struct metrics_snapshot {
  struct histogram {
    std::string name;
    std::vector<std::pair<std::string, std::string>> labels;
    std::vector<double> bounds;
    std::vector<std::uint64_t> counts; ///< One more than bounds.
    double sum = 0;
  };
  struct counter {
    std::string name;
    std::string help;
    std::vector<std::pair<std::string, std::string>> labels;
    double value = 0;
    bool gauge = false;
  };
  std::uint64_t pending = 0;
  std::uint64_t running = 0;
  double wait_max_seconds = 0;
  double wait_median_seconds = 0;
  std::size_t workers_max = 0;
  std::size_t workers_active = 0;
  std::vector<histogram> histograms;
  std::vector<counter> counters;
};

/// The whole server, embedded in your process. `http/` is one client of it.
///
/// Thread safety: every member function may be called from any thread, also at
/// the same time, except the destructor.
///
/// Each returns at once and calls `done` exactly once, on any thread, perhaps
/// before it returns. `done` must neither block nor throw. Beside the errors
/// listed, each may answer `errc::unavailable` (shutting down, overloaded, or
/// whoever was asked is gone), `errc::no_space` and `errc::internal`. An answer
/// that promises something comes after the commit that makes it true.
class server {
public:
  template <class T>
  using callback = std::function<void(result<T>)>;

  struct impl;

  explicit server(std::unique_ptr<impl> made);

  /// `stop`s with no grace if that has not been done.
  ~server();

  server(const server&) = delete;
  server& operator=(const server&) = delete;

  // -- system -----------------------------------------------------------------

  /// False once the server stops: `/ok` says 503.
  bool accepting() const noexcept;
  const options& settings() const noexcept;
  std::vector<graph_status> graphs() const;
  void metrics(callback<metrics_snapshot> done);

  /// Stops in the order of docs/ARCHITECTURE.md: running runs are requeued
  /// within the grace, none is cancelled; the store is flushed. `done` is
  /// called last. A second call cuts the grace short.
  void stop(std::function<void()> done);

  // -- assistants -------------------------------------------------------------

  /// `errc::conflict` if the id is taken, `errc::not_found` unknown graph,
  /// `errc::bad_request` both configurable and context.
  void create_assistant(assistant_create what, callback<assistant_record> done);
  void get_assistant(const assistant_id& id, callback<assistant_record> done);
  /// One more than the limit is read, to tell whether there is another page.
  void search_assistants(assistant_query what,
                         callback<std::vector<assistant_record>> done);
  void count_assistants(assistant_query what, callback<std::uint64_t> done);
  void patch_assistant(const assistant_id& id, assistant_patch what,
                       callback<assistant_record> done);
  /// Cancels the runs of the assistant (interrupt), then deletes it; with
  /// `threads`, also the threads whose metadata name it.
  void delete_assistant(const assistant_id& id, bool threads,
                        callback<void> done);

  // -- threads ----------------------------------------------------------------

  /// `errc::conflict` if the id is taken and `if_exists` is raise;
  /// `errc::made_in_part` if the first states could not be applied.
  void create_thread(thread_create what, callback<thread_record> done);
  void get_thread(const thread_id& id, callback<thread_record> done);
  void patch_thread(const thread_id& id, thread_patch what,
                    callback<thread_record> done);
  /// Stops what runs on it first; answers when it is absent to all readers.
  void delete_thread(const thread_id& id, callback<void> done);
  void search_threads(thread_query what,
                      callback<std::vector<thread_record>> done);
  void count_threads(thread_query what, callback<std::uint64_t> done);
  void copy_thread(const thread_id& id, callback<thread_record> done);

  /// A ThreadState as JSON.
  void get_state(const thread_id& id, state_get what, callback<json_text> done);
  /// An array of ThreadState as JSON, newest first.
  void get_history(const thread_id& id, history_search what,
                   callback<json_text> done);
  /// `errc::conflict` while a run is in flight.
  void update_state(const thread_id& id, state_update what,
                    callback<json_text> done);

  // -- runs -------------------------------------------------------------------

  struct created_run {
    run_record run;
    follower place; ///< Of the reader, if one was given.
  };

  /// Creates a run on `thread` (none: stateless, on a thread of its own). With
  /// a reader, it follows from the first event on.
  /// - `errc::not_found`: unknown assistant or thread.
  /// - `errc::conflict`: busy, and the strategy is reject.
  /// - `errc::invalid_argument`, `errc::bad_request`: see the texts.
  void create_run(std::optional<thread_id> thread, run_create what,
                  std::shared_ptr<run_reader> reader, follow_options follow,
                  callback<created_run> done);
  /// Creates stateless runs, in order. Not atomic: if one is refused, those
  /// before it stand, and its error is the answer.
  void create_runs(std::vector<run_create> what,
                   callback<std::vector<run_record>> done);
  void get_run(const thread_id& thread, const run_id& run,
               callback<run_record> done);
  /// `errc::not_found` if there is no such thread.
  void list_runs(run_query what, callback<std::vector<run_record>> done);
  /// Stops it first if it executes; answers when it is absent to all readers.
  void delete_run(const thread_id& thread, const run_id& run,
                  callback<void> done);

  /// Follows a run, also one that is over. Never fails for an unknown run: the
  /// reader's end says so.
  void follow_run(const thread_id& thread, const run_id& run,
                  std::shared_ptr<run_reader> reader, follow_options how,
                  callback<follower> done);
  /// The reader leaves; nothing more is pushed to it. `disconnected`: its peer
  /// closed or failed, which cancels the run if the reader asked for that and
  /// the run is not over.
  void leave(const follower& place, bool disconnected);

  /// Cancels one, many, or all by status; answers after the commit that `after`
  /// names. Bounded: a worker that ignores the cancel is killed. Idempotent; a
  /// second cancel may raise interrupt to rollback, a lower one changes
  /// nothing.
  /// - `errc::not_found`: nothing to cancel. Two texts: none was found, or all
  ///   that were found are over.
  /// - `errc::unavailable`: the wait took longer than grace + 10 s; the intents
  ///   stand.
  void cancel(cancel_request what, callback<cancel_receipt> done);

private:
  std::unique_ptr<impl> impl_;
};

} // namespace heddle
