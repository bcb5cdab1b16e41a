#pragma once

#include "heddle/error.hpp"
#include "heddle/ids.hpp"
#include "heddle/json.hpp"
#include "heddle/query.hpp"
#include "heddle/run.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// What clients ask for, as values, and how the JSON of the API becomes them.
// Every `parse_…` is pure and may be called from any thread. Errors:
// `errc::invalid_argument` (422) and `errc::bad_request` (400), with the texts
// of the API. Payloads stay slices of the body.

namespace heddle::inline v0 {

/// A request body: shared, so that payloads can be slices of it.
using body_text = std::shared_ptr<const std::string>;

// -- assistants ---------------------------------------------------------------

/// A new assistant.
struct assistant_create {
  std::optional<assistant_id> id;
  std::string graph;
  json_text config;
  json_text context;
  json_text metadata;
  bool if_exists_do_nothing = false;
  std::string name = "Untitled";
  json_text description; ///< A JSON string, or empty.
};
result<assistant_create> parse_assistant_create(const body_text& body);

/// Absent fields keep what is there.
struct assistant_patch {
  std::optional<std::string> graph;
  json_text config;
  json_text context;
  json_text metadata;
  std::optional<std::string> name;
  json_text description;
};
result<assistant_patch> parse_assistant_patch(const body_text& body);

/// A search, and the keys the answer is reduced to (empty: all).
struct assistant_search {
  assistant_query query;
  std::vector<std::string> select;
};
result<assistant_search> parse_assistant_search(const body_text& body);
result<assistant_query> parse_assistant_count(const body_text& body);

// -- threads ------------------------------------------------------------------

/// A new thread.
struct thread_create {
  std::optional<thread_id> id;
  json_text metadata; ///< An object; empty: `{}`.
  bool if_exists_do_nothing = false;
  json_text supersteps; ///< An array, or empty.
};
result<thread_create> parse_thread_create(const body_text& body);

/// What to change of a thread.
struct thread_patch {
  json_text metadata; ///< An object to merge (shallow); empty: nothing.
};
result<thread_patch> parse_thread_patch(const body_text& body);

/// A search, the keys the answer is reduced to (empty: all), and what is taken
/// out of values.
struct thread_search {
  thread_query query;
  std::vector<std::string> select;
  /// alias -> path, checked.
  std::vector<std::pair<std::string, std::string>> extract;
};
result<thread_search> parse_thread_search(const body_text& body);
result<thread_query> parse_thread_count(const body_text& body);

/// Which checkpoint of a thread.
struct checkpoint_selector {
  std::string ns;
  std::optional<std::string> id; ///< None: the latest.
  json_text map;
};

/// New values of a thread, as if `as_node` had given them.
struct state_update {
  json_text values; ///< Object, array or `null`; empty: absent.
  checkpoint_selector at;
  std::optional<std::string> as_node;
};
result<state_update> parse_state_update(const body_text& body);

/// Which state of a thread, and whether with those of nested graphs.
struct state_get {
  checkpoint_selector at;
  bool subgraphs = false;
};
/// The body of POST /threads/{id}/state/checkpoint.
result<state_get> parse_state_at_checkpoint(const body_text& body);

/// Which checkpoints of a thread.
struct history_search {
  std::uint32_t limit = 1;
  std::optional<std::string> before; ///< A checkpoint id.
  json_text metadata;                ///< Containment; empty: all.
  std::string ns;
};
result<history_search> parse_history_search(const body_text& body);

// -- runs ---------------------------------------------------------------------

/// A new run: what is to execute, with what, and how.
struct run_create {
  std::string assistant; ///< A UUID or the name of a graph, as given.
  json_text input;       ///< Empty: absent or null.
  json_text command;
  json_text metadata;
  json_text config;
  json_text context;
  std::string webhook;
  json_text interrupt_before; ///< `"*"` or an array; empty: none.
  json_text interrupt_after;
  std::vector<std::string> stream_modes = {"values"};
  json_text feedback_keys;
  json_text langsmith_tracer;
  json_text checkpoint; ///< An object.
  std::optional<std::string> checkpoint_id;
  multitask_strategy multitask = multitask_strategy::enqueue;
  bool create_thread = false; ///< `if_not_exists: create`.
  std::chrono::microseconds after{0};
  heddle::durability durability = heddle::durability::async;
  bool subgraphs = false;
  bool resumable = false;
  bool keep = false;                 ///< Stateless: `on_completion: keep`.
  bool cancel_on_disconnect = false; ///< `on_disconnect: cancel`.
  std::string request_id; ///< Of the HTTP request; empty: one is made.
  /// Fields that the API does not know, for the log.
  std::vector<std::string> unknown;
};

/// A run of a thread or one on a thread of its own, and whether who creates it
/// stays to see it. Fields that a kind does not have are ignored.
enum class run_kind : std::uint8_t {
  stateful,
  stateful_followed,
  stateless,
  stateless_followed,
};

constexpr bool is_stateless(run_kind kind) noexcept {
  return kind == run_kind::stateless || kind == run_kind::stateless_followed;
}

result<run_create> parse_run_create(const body_text& body, run_kind kind);
result<std::vector<run_create>> parse_run_batch(const body_text& body);

// -- cancel -------------------------------------------------------------------

/// All runs in flight of these statuses, of all threads.
struct cancel_by_status {
  bool pending = false;
  bool running = false;
};
/// Runs of one thread.
struct cancel_by_ids {
  thread_id thread;
  std::vector<run_id> runs;
};
using cancel_selector = std::variant<cancel_by_status, cancel_by_ids>;

/// The body of POST /runs/cancel.
result<cancel_selector> parse_runs_cancel(const body_text& body);

/// Never fails: the API reads what it does not know as an interrupt.
cancel_action parse_cancel_action(std::string_view text) noexcept;

// -- long-term store is used by graphs only so far ----------------------------

/// Checks strict JSON (RFC 8259, depth at most `json_depth_max`).
/// @returns nothing if `text` is JSON; else `errc::invalid_argument` "Invalid
/// JSON in request body", or `errc::bad_request` "Recursion limit reached".
std::optional<error> check_json(std::string_view text);
inline constexpr std::size_t json_depth_max = 256;

} // namespace heddle::inline v0
