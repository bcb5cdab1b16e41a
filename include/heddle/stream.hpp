#pragma once

#include "heddle/ids.hpp"
#include "heddle/json.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::inline v0 {

/// One event of a run, encoded once for all its readers.
struct stream_event {
  std::string name; ///< `values`, `updates|node:task`, `error`, …
  json_text data;
  std::string id;   ///< `ms-seq`; empty: not resumable.
  std::string wire; ///< The whole SSE frame: CRLF, `event`, `data`, `id`.
};
using event_ptr = std::shared_ptr<const stream_event>;

/// Makes an event with its frame. CR, LF and NUL are taken out of `name` and
/// `id`; `data` is JSON on one line already.
event_ptr make_event(std::string name, json_text data, std::string id = {});

enum class end_reason : std::uint8_t {
  over,        ///< The run is over, and its terminal status committed.
  not_found,   ///< There is no such run (late join of a rolled back one).
  unavailable, ///< The server stops; the run is not over.
  resume_gap,  ///< What was asked for is not kept any more.
  overrun,     ///< The reader was too slow (`events`); the run goes on.
};

/// What a reader is told last.
struct stream_end {
  end_reason why = end_reason::over;
  /// For readers that wait: the document to answer with (docs/api.md, "wait").
  json_text document;
};

/// A sink: someone who follows a run. Called from any thread, one call at a
/// time, in order; must neither block nor throw. After `end` nothing more
/// comes.
///
/// A run does not wait for its readers: what a sink cannot pass on at once it
/// must keep, share (an `event_ptr` is one pointer), or give up, by leaving.
/// Who keeps without a bound has none. HTTP streams are cut at
/// `http_options::unsent_bytes_max`, `heddle::events` end with an overrun at
/// `read_options::unread_bytes_max`; both may come back and resume.
class run_reader {
public:
  virtual ~run_reader() = default;

  /// Never called for a reader that only waits.
  virtual void push(std::span<const event_ptr> events) = 0;
  /// The last call.
  virtual void end(stream_end last) = 0;
};

/// How to follow a run.
struct follow_options {
  /// Only the end and its document are wanted: `wait` and `join`.
  bool wait = false;
  /// Fall back to the thread's values for the document.
  bool fallback = true;
  /// The reader's leaving cancels the run.
  bool cancel_on_disconnect = false;
  /// Replay from after this id ("-1" or any text smaller than a digit: from the
  /// start), then live. None: live only.
  std::optional<std::string> last_event_id;
  /// Only events of these modes (name, or name before `|`, and all `messages…`
  /// for `messages` and `messages-tuple`). Empty: all.
  std::vector<std::string> modes;
};

/// A reader's place, to leave by.
struct follower {
  thread_id thread;
  run_id run;
  std::uint64_t no = 0;
};

/// Whether an event passes a filter of modes.
bool passes_modes(std::string_view name, const std::vector<std::string>& modes);

} // namespace heddle::inline v0
