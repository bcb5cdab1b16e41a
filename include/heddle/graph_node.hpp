#pragma once

#include "heddle/error.hpp"
#include "heddle/json.hpp"
#include "heddle/wait.hpp"

#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// What a graph's node is given and what it gives back. All of a node context
// is called by the node itself, on the thread on which it runs.

namespace heddle::graph {

/// Where every graph begins and ends.
inline constexpr std::string_view start = "__start__";
inline constexpr std::string_view end = "__end__";

/// To a node with an input of its own, in the next super-step: fan-out.
struct send {
  std::string node;
  json_text input;
};

/// Where to go on: a node by name, or a `send`.
using target = std::variant<std::string, send>;

/// An update of the state, and where to go on beside the edges.
struct command {
  json_text update; ///< An object, or empty: no update.
  std::vector<target> go_to;
};

/// What a node gives: an update of the state as a JSON object with some of its
/// channels, nothing (empty or `null`), or a command.
class node_result {
public:
  node_result() = default;
  node_result(json_text update) : what_{std::move(update), {}} {}
  node_result(command what) : what_(std::move(what)) {}

  /// The update, with where to go on.
  const command& what() const noexcept { return what_; }

private:
  command what_;
};

/// Ends the run with an error whose name and text the API shows as they are.
/// Of other exceptions it shows the name of the type and, for those that derive
/// from `std::runtime_error` or `std::logic_error`, the text; the text of all
/// others is masked.
class node_error : public std::runtime_error {
public:
  node_error(std::string name, const std::string& text)
    : std::runtime_error(text), name_(std::move(name)) {}

  /// As the API shows it.
  const std::string& name() const noexcept { return name_; }

private:
  std::string name_;
};

/// The namespace of an item, `space("users", id)`. A braced list does the same,
/// but not within a `co_await`, where g++ 12 takes it for an error.
template <class... Name>
std::vector<std::string> space(Name&&... names) {
  std::vector<std::string> made;
  (made.emplace_back(std::forward<Name>(names)), ...);
  return made;
}

/// One item of the long-term store.
struct item {
  std::vector<std::string> space;
  std::string key;
  json_text value;
  std::string created_at;
  std::string updated_at;
};

/// What to look for in the long-term store.
struct item_search {
  std::vector<std::string> prefix;
  json_text filter; ///< An object: fields and what they must be. Empty: all.
  std::uint32_t limit = 10;
  std::uint32_t offset = 0;
};

/// The server's long-term store. Its operations throw `node_error` if the store
/// says no.
class item_store {
public:
  virtual ~item_store() = default;

  /// Nothing if there is none.
  virtual operation<std::optional<item>> get(std::vector<std::string> space,
                                             std::string key)
    = 0;
  /// `ttl_minutes` empty: kept until it is deleted.
  virtual operation<void> put(std::vector<std::string> space, std::string key,
                              json_text value,
                              std::optional<double> ttl_minutes = {})
    = 0;
  /// Also if there is none.
  virtual operation<void> erase(std::vector<std::string> space, std::string key)
    = 0;
  /// The newest first.
  virtual operation<std::vector<item>> search(item_search what) = 0;
};

/// The node's side of its run.
class node_context {
public:
  virtual ~node_context() = default;

  /// Its name.
  virtual std::string_view node() const = 0;
  /// The id of the run's thread.
  virtual std::string thread_id() const = 0;
  /// The id of the run.
  virtual std::string run_id() const = 0;
  /// Of this execution of the node, the same when it is resumed.
  virtual const std::string& task_id() const = 0;

  /// The run's `config`: `configurable`, `metadata`, `tags`, …; an object.
  virtual const json_text& config() const = 0;
  /// A member of `config.configurable`, empty if there is none.
  virtual json_text configurable(std::string_view name) const = 0;
  /// A member of the run's metadata, empty if there is none.
  virtual json_text metadata(std::string_view name) const = 0;
  /// The run's `context`, empty if it has none.
  virtual json_text context() const = 0;

  /// Set when the run is cancelled. A function node that works for long looks
  /// at it; C++ cannot stop one that does not.
  virtual std::stop_token stop_token() const = 0;

  /// Emits an event of the stream `custom`. Costs next to nothing if nobody
  /// asked for that stream. Blocks while the run's reader is behind: a
  /// coroutine that emits much awaits `room` now and then.
  virtual void write(json_text data) = 0;

  /// Emits a piece of a chat message, or a whole one, on the stream `messages`:
  /// an object with `type`, `id` and `content`, say
  /// `{"type":"AIMessageChunk","id":"m1","content":"Hel"}`. The same `id`
  /// continues the message.
  virtual void message(json_text chunk) = 0;
  /// The same, for a piece of text from a model.
  virtual void token(std::string_view id, std::string_view text) = 0;

  /// Done when the run's reader has room for more events.
  virtual operation<void> room() = 0;

  /// Asks a human. The first time it ends the node: the run stops, and its
  /// state shows `value`. When the run goes on with an answer, the node runs
  /// again from its beginning, and this returns the answer.
  virtual json_text interrupt(json_text value) = 0;

  /// The long-term store, which outlives the node.
  virtual item_store& store() = 0;
};

} // namespace heddle::graph
