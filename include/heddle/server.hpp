#pragma once

#include "heddle/assistant.hpp"
#include "heddle/error.hpp"
#include "heddle/future.hpp"
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

namespace heddle::inline v0 {

/// Why a cancel was asked for; it becomes the run's `cancel_reason`.
struct cancel_cause {
  /// Where it came from.
  enum class kind : std::uint8_t { run_route, bulk_route, disconnect };
  kind what = kind::run_route;
  bool taken = false; ///< `reason=taken`: prefixes `taken:`.
};

/// What to cancel, how, and when to answer.
struct cancel_request {
  cancel_selector what;
  cancel_action action = cancel_action::interrupt;
  answer_after after = answer_after::intent;
  cancel_cause cause{};
  bool receipt = false; ///< The answer lists what was met.
  bool dry_run = false; ///< Acts on nothing; implies `receipt`.
};

/// What a cancel met.
struct cancel_receipt {
  /// What became of a run.
  enum class outcome : std::uint8_t {
    interrupted,
    rolled_back,
    stopping,
    finished,
    not_found,
  };
  /// One run.
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

/// A graph, and whether a worker could load it.
struct graph_status {
  std::string id;
  std::string description;
  bool loaded = false;
  std::string error; ///< Traceback, file and line.
};

/// A worker process.
struct worker_status {
  std::int64_t pid = 0;
  std::string state; ///< starting, ready, draining, killed
  std::size_t running = 0;
  std::uint64_t kills = 0;
};

/// A point in time of what `/metrics` shows. Histograms are in
/// `histogram`-shaped cumulative buckets of seconds.
struct metrics_snapshot {
  /// How often a time was how long.
  struct histogram {
    std::string name;
    std::vector<std::pair<std::string, std::string>> labels;
    std::vector<double> bounds;
    std::vector<std::uint64_t> counts; ///< One more than bounds.
    double sum = 0;
  };
  /// A number that rises, or (`gauge`) goes up and down.
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

/// The whole server, embedded in your process: `heddle::open` makes one.
/// `http/` is one client of it.
///
/// Thread safety: every member function may be called from any OS thread, also
/// at the same time, except the destructor, and also from within callbacks and
/// sinks.
///
/// Every operation returns at once, and takes one of these ways with its
/// answer:
/// - *callback*: `done` is called exactly once, on any OS thread, perhaps
///   before the operation returns. It must neither block nor throw. The future
///   that is returned is not valid.
/// - *blocking*: without a callback, `.get(5s)` of the future that is returned
///   waits. Not in a callback: see `future::get`.
/// - *awaitable*: `co_await heddle::async(srv.get_thread(id))`, or any other
///   completion token of Asio: see `heddle/asio.hpp`.
///
/// Beside the errors listed, each may answer `errc::unavailable` (shutting
/// down, overloaded, or whoever was asked is gone), `errc::no_space` and
/// `errc::internal`. An answer that promises something comes after the commit
/// that makes it true.
class server {
public:
  template <class T>
  using callback = std::function<void(result<T>)>;

  struct impl;

  explicit server(std::unique_ptr<impl> made);

  /// `stop`s with no grace if that has not been done, and waits until nothing
  /// of the server is left: no OS thread, no descriptor. Every callback has
  /// been called by then and none is afterwards; what was not over answers
  /// `errc::unavailable`. Bounded by the stop grace and what the disk takes.
  ///
  /// Not on a thread of the server (in a callback), nor while another thread
  /// calls a member.
  ~server();

  server(const server&) = delete;
  server& operator=(const server&) = delete;

  // -- system -----------------------------------------------------------------

  /// False once the server stops: `/ok` says 503.
  bool accepting() const noexcept;
  /// What it was opened with.
  const options& settings() const noexcept;
  /// The graphs that runs may be created for.
  std::vector<graph_status> graphs() const;
  /// What `/metrics` shows.
  future<metrics_snapshot> metrics(callback<metrics_snapshot> done = {});

  /// Stops in the order of docs/ARCHITECTURE.md: running runs are requeued
  /// within the grace, none is cancelled; the store is flushed. `done` is
  /// called last. A second call cuts the grace short.
  void stop(std::function<void()> done);
  /// The same, to be waited for.
  future<void> stop();

  // -- assistants -------------------------------------------------------------

  /// `errc::conflict` if the id is taken, `errc::not_found` unknown graph,
  /// `errc::bad_request` both configurable and context.
  future<assistant_record>
  create_assistant(assistant_create what, callback<assistant_record> done = {});
  /// `errc::not_found`: there is none.
  future<assistant_record> get_assistant(const assistant_id& id,
                                         callback<assistant_record> done = {});
  /// One more than the limit is read, to tell whether there is another page.
  future<std::vector<assistant_record>>
  search_assistants(assistant_query what,
                    callback<std::vector<assistant_record>> done = {});
  /// How many a search without a limit would find.
  future<std::uint64_t> count_assistants(assistant_query what,
                                         callback<std::uint64_t> done = {});
  /// Changes what is given, and counts up its version.
  /// `errc::not_found`: there is no such assistant, or graph.
  future<assistant_record>
  patch_assistant(const assistant_id& id, assistant_patch what,
                  callback<assistant_record> done = {});
  /// Cancels the runs of the assistant (interrupt), then deletes it; with
  /// `threads`, also the threads whose metadata name it.
  future<void> delete_assistant(const assistant_id& id, bool threads,
                                callback<void> done = {});

  // -- threads ----------------------------------------------------------------

  /// `errc::conflict` if the id is taken and `if_exists` is raise;
  /// `errc::made_in_part` if the first states could not be applied.
  future<thread_record> create_thread(thread_create what,
                                      callback<thread_record> done = {});
  /// `errc::not_found`: there is none.
  future<thread_record> get_thread(const thread_id& id,
                                   callback<thread_record> done = {});
  /// Merges metadata. `errc::not_found`: there is no such thread.
  future<thread_record> patch_thread(const thread_id& id, thread_patch what,
                                     callback<thread_record> done = {});
  /// Stops what runs on it first; answers when it is absent to all readers.
  future<void> delete_thread(const thread_id& id, callback<void> done = {});
  /// One more than the limit is read, to tell whether there is another page.
  future<std::vector<thread_record>>
  search_threads(thread_query what,
                 callback<std::vector<thread_record>> done = {});
  /// How many a search without a limit would find.
  future<std::uint64_t> count_threads(thread_query what,
                                      callback<std::uint64_t> done = {});
  /// A new thread with the checkpoints of this one, and no runs.
  /// `errc::conflict`: there is no such thread (as the API has it).
  future<thread_record> copy_thread(const thread_id& id,
                                    callback<thread_record> done = {});

  /// A ThreadState as JSON.
  future<json_text> get_state(const thread_id& id, state_get what,
                              callback<json_text> done = {});
  /// An array of ThreadState as JSON, newest first.
  future<json_text> get_history(const thread_id& id, history_search what,
                                callback<json_text> done = {});
  /// `errc::conflict` while a run is in flight.
  future<json_text> update_state(const thread_id& id, state_update what,
                                 callback<json_text> done = {});

  // -- runs -------------------------------------------------------------------

  /// What `create_run` made.
  struct created_run {
    run_record run;
    follower place; ///< Of the reader, if one was given.
  };

  /// Creates a run on `thread` (none: stateless, on a thread of its own). With
  /// a reader, it follows from the first event on.
  /// - `errc::not_found`: unknown assistant or thread.
  /// - `errc::conflict`: busy, and the strategy is reject.
  /// - `errc::invalid_argument`, `errc::bad_request`: see the texts.
  future<created_run> create_run(std::optional<thread_id> thread,
                                 run_create what,
                                 std::shared_ptr<run_reader> reader = nullptr,
                                 follow_options follow = {},
                                 callback<created_run> done = {});
  /// Creates stateless runs, in order. Not atomic: if one is refused, those
  /// before it stand, and its error is the answer.
  future<std::vector<run_record>>
  create_runs(std::vector<run_create> what,
              callback<std::vector<run_record>> done = {});
  /// `errc::not_found`: there is no such thread, or run. The texts differ.
  future<run_record> get_run(const thread_id& thread, const run_id& run,
                             callback<run_record> done = {});
  /// `errc::not_found` if there is no such thread.
  future<std::vector<run_record>>
  list_runs(run_query what, callback<std::vector<run_record>> done = {});
  /// Stops it first if it executes; answers when it is absent to all readers.
  future<void> delete_run(const thread_id& thread, const run_id& run,
                          callback<void> done = {});

  /// Follows a run, also one that is over. Never fails for an unknown run: the
  /// reader's end says so.
  future<follower> follow_run(const thread_id& thread, const run_id& run,
                              std::shared_ptr<run_reader> reader,
                              follow_options how, callback<follower> done = {});
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
  future<cancel_receipt> cancel(cancel_request what,
                                callback<cancel_receipt> done = {});

  /// For the parts of Heddle that come as headers of their own. What is behind
  /// it is not public.
  impl& internals() noexcept { return *impl_; }

private:
  std::unique_ptr<impl> impl_;
};

} // namespace heddle::inline v0
