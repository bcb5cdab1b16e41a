#pragma once

#include "heddle/error.hpp"
#include "heddle/ids.hpp"
#include "heddle/json.hpp"
#include "heddle/run.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// The port to what executes graphs: values that cross it, the channel to one
// executor (a process, or C++ functions in this process), and what it reports.
// The frames behind it: docs/worker-protocol.md.

namespace heddle::worker {

/// Names a run or an ask within one executor's life. 0: the executor itself.
using run_no = std::uint32_t;

/// Bytes that only the graph library can read, with its name for their type.
struct blob {
  std::string type;
  json_text bytes; ///< Raw bytes in a shared buffer; not JSON.
};

// -- server to worker ---------------------------------------------------------

struct start {
  run_id run;
  thread_id thread;
  assistant_id assistant;
  std::uint64_t epoch = 0;
  std::uint32_t attempt = 1;
  std::string graph;
  json_text kwargs;
  bool resume = false;
  bool temporary = false;
};

enum class stop_action : std::uint8_t { interrupt, rollback, timeout };

struct cancel {
  stop_action action = stop_action::interrupt;
  std::string reason;
  std::chrono::milliseconds deadline{0};
};

enum class refusal : std::uint8_t { stopping, fenced, too_large, store };

struct ask {
  std::string kind; ///< `update`, `state`, `history`, `draw`, …
  std::string graph;
  thread_id thread;
  json_text args;
};

/// One stored checkpoint, as the graph library wants it back.
struct tuple {
  struct value {
    std::string channel;
    std::string version;
    blob data;
  };
  struct write {
    std::string task;
    std::string path;
    std::int32_t idx = 0;
    std::string channel;
    blob data;
  };
  std::string ns;
  std::string id;
  std::string parent; ///< Empty: none.
  blob head;
  json_text metadata;
  std::vector<value> values;
  std::vector<write> writes;
  bool viewed = false; ///< Its `view` is known.
};

// -- worker to server: what an executor reports -------------------------------

struct graph_info {
  std::string id;
  std::string description;
  json_text schemas; ///< Empty if they could not be derived.
  std::string error; ///< Not empty: could not be loaded, and why.
};

struct hello {
  std::string language;
  std::int64_t pid = 0;
  json_text versions;
  std::vector<graph_info> graphs;
};

struct started {};
struct cancelling {};

struct event {
  std::string name;
  json_text data;
};

/// What one loop turn of the worker emitted. `cost` is the credit it spent.
struct events {
  std::vector<event> items;
  std::size_t cost = 0;
};

struct put {
  struct value {
    std::string channel;
    std::string version;
    blob data;
    json_text json; ///< Empty: the value has no JSON form.
  };
  std::uint32_t seq = 0;
  std::string ns;
  std::string id;
  std::string parent;
  blob head;
  json_text metadata;
  std::vector<value> values;
  std::vector<std::pair<std::string, std::string>> versions;
};

struct writes {
  struct item {
    std::int32_t idx = 0;
    std::string channel;
    blob data;
    json_text json;
  };
  std::uint32_t seq = 0;
  std::string ns;
  std::string id;
  std::string task;
  std::string path;
  std::vector<item> items;
};

struct view {
  std::string ns;
  std::string id;
  std::optional<std::vector<std::string>> shape;
  json_text values; ///< Where there is no shape.
  std::vector<std::string> next;
  json_text tasks;
};

struct get {
  std::uint32_t req = 0;
  std::string ns;
  std::optional<std::string> id;
};

struct list {
  std::uint32_t req = 0;
  std::optional<std::string> ns;
  std::optional<std::string> before;
  std::optional<std::uint32_t> limit;
  json_text filter; ///< Empty: none.
};

/// Long-term store operations, as a JSON array.
struct store_ops {
  std::uint32_t req = 0;
  json_text ops;
};

struct latest_state {
  json_text values;
  std::vector<std::string> next;
  json_text tasks;
  json_text interrupts;
};

enum class end_outcome : std::uint8_t { success, error, cancelled, drained };

struct end {
  end_outcome outcome = end_outcome::success;
  std::string error_name; ///< With `error`.
  std::string error_message;
  std::uint64_t events = 0;
};

struct clean {};

struct answer {
  result<json_text> value{json_text{}};
};

struct pong {
  std::uint64_t n = 0;
  std::uint32_t lag_ms = 0;
  std::uint32_t busy_threads = 0;
};

/// The loop is blocked, in the user's code at `where`.
struct beat {
  std::string where;
};

struct log {
  std::string level;
  std::string text;
};

/// The executor is gone: after everything it sent has been reported. Last.
struct gone {
  std::string why; ///< `killed`, `exited with 3`, `protocol error: …`.
};

using report = std::variant<events, put, writes, view, get, list, store_ops,
                            latest_state, started, cancelling, end, clean,
                            answer, hello, pong, beat, log, gone>;

/// Where an executor reports to. Called from one OS thread at a time, in the
/// order of the frames; must not block. A batch is what one read brought.
using report_sink
  = std::function<void(std::vector<std::pair<run_no, report>> batch)>;

// -- the port -----------------------------------------------------------------

/// The way to one executor. Any thread may call; every call returns at once.
/// Calls after the executor is gone are ignored. What is queued towards a
/// process that does not read is bounded (`outbound_bytes_max`): over it, the
/// process counts as stuck and is killed.
class channel {
public:
  static constexpr std::size_t outbound_bytes_max = 128U << 20U;

  virtual ~channel() = default;

  virtual void start(run_no run, start what) = 0;
  virtual void cancel(run_no run, cancel what) = 0;
  virtual void drain(run_no run) = 0;
  virtual void raise(run_no run) = 0;
  virtual void credit(run_no run, std::size_t bytes) = 0;
  virtual void done(run_no run, std::uint32_t seq) = 0;
  virtual void refuse(run_no run, std::uint32_t seq, refusal why,
                      std::string text)
    = 0;
  /// Answers a `get`; nothing if there is no such checkpoint.
  virtual void answer_get(run_no run, std::uint32_t req,
                          std::optional<tuple> found)
    = 0;
  /// Answers a `list`.
  virtual void answer_list(run_no run, std::uint32_t req,
                           std::vector<tuple> found)
    = 0;
  /// Answers `store_ops`; `results` is a JSON array.
  virtual void answer_store(run_no run, std::uint32_t req, json_text results)
    = 0;
  virtual void ask(run_no run, ask what) = 0;
  virtual void ping(std::uint64_t n) = 0;
  virtual void exit(std::chrono::milliseconds deadline) = 0;

  /// Kills the process group at once (SIGKILL). `gone` follows, after what it
  /// had sent. Idempotent.
  virtual void kill() = 0;

  /// Whether a run that does not stop is given up alone, by `abandon`. Else
  /// only the kill helps, and its neighbours go with it.
  virtual bool abandons() const noexcept { return false; }

  /// Fences off a run that does not stop: `end`, if it has not been said, and
  /// `clean` follow after what it had sent, and nothing else of it.
  virtual void abandon(run_no) {}
};

/// Starts executors.
class launcher {
public:
  virtual ~launcher() = default;

  /// Starts one. `sink` hears `hello` when it is ready, and `gone` in the end,
  /// also if it could not be started at all. The channel stays valid as long as
  /// it is held.
  virtual std::shared_ptr<channel> launch(report_sink sink) = 0;

  /// OS threads of this process that a node keeps although its run was given
  /// up.
  virtual std::size_t stuck() const { return 0; }
};

} // namespace heddle::worker
