#pragma once

#include "heddle/codec.hpp"
#include "heddle/graph_node.hpp"
#include "heddle/task.hpp"

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

// Graphs in C++, after LangGraph's model: a state made of channels, nodes that
// read it and give updates, edges that say what runs next, and super-steps in
// which everything that is due runs side by side.

namespace heddle::graph {

/// What becomes of the updates that one super-step brings to a channel.
/// `current` is empty if the channel has no value. Pure; any thread.
using reducer = std::function<result<json_text>(
  const json_text& current, const std::vector<json_text>& updates)>;

/// A channel of the state.
struct channel_spec {
  graph::reducer reduce;
  json_text initial;     ///< Empty: has no value until it is written.
  json_text schema;      ///< JSON Schema of a value; empty: anything.
  bool messages = false; ///< Holds chat messages.
};

/// The newest value. Two updates in one super-step are an error.
channel_spec last_value(json_text schema = {});

/// A list; each update is a list that is added to its end.
channel_spec append(json_text item_schema = {});

/// Chat messages, merged by their `id` as LangGraph's `add_messages` does:
/// known ones are replaced, `{"type":"remove","id":…}` removes one, the id
/// `__remove_all__` all before it. Updates may be messages, pairs
/// `["user","…"]`, `{"role":…,"content":…}` or plain text, alone or in a list.
channel_spec messages();

/// A reducer of your own: combines two values. `initial` is what the first
/// update is combined with; empty: the first update is the value.
channel_spec
combined(std::function<json_text(const json_text&, const json_text&)> combine,
         json_text initial = {}, json_text schema = {});

/// A node: reads the state as a JSON object (or the input of the `send` that
/// started it). Functions occupy a thread of the pool while they run.
using node_function = std::function<node_result(json_text, node_context&)>;
using node_coroutine
  = std::function<task<node_result>(json_text, node_context&)>;

/// Where to go on after a node: sees the state with that node's update. Must
/// not block.
using router = std::function<std::vector<target>(json_text state)>;

class plan;
class builder;

/// A validated graph, ready to run. Immutable; shared by all its runs, on any
/// threads.
class compiled {
public:
  explicit compiled(std::shared_ptr<const plan> of) : plan_(std::move(of)) {}

  /// `{"input_schema":…,"output_schema":…,"state_schema":…,"config_schema":…,
  /// "context_schema":…}`, as `GET /assistants/{id}/schemas` shows them.
  json_text schemas() const;

  /// `{"nodes":[…],"edges":[…]}`, as `GET /assistants/{id}/graph` shows it.
  json_text drawing() const;

  /// What `builder::describe` said.
  const std::string& description() const;

  /// For who executes it.
  const std::shared_ptr<const plan>& parts() const noexcept { return plan_; }

private:
  std::shared_ptr<const plan> plan_;
};

namespace detail {

template <class T>
struct is_task : std::false_type {};
template <class T>
struct is_task<task<T>> : std::true_type {};

template <class T>
node_result as_result(T&& value) {
  if constexpr (std::is_convertible_v<T, node_result>)
    return std::forward<T>(value);
  else
    return codec<std::decay_t<T>>::encode(value);
}

/// What a node's author calls the state: what the function's first parameter
/// is, given as `builder::node<State>`.
template <class State>
State decode(const json_text& state) {
  if constexpr (std::is_same_v<State, json_text>)
    return state;
  else
    return codec<State>::decode(state);
}

template <class State, class F>
task<node_result> run_coroutine(const F& body, json_text state,
                                node_context& context) {
  co_return as_result(co_await body(decode<State>(state), context));
}

} // namespace detail

/// Builds a graph. Not for concurrent use. Every call that names something
/// twice or wrongly is reported by `compile`, all in the order of the calls.
///
///     auto graph = heddle::graph::builder{}
///       .channel("topic").channel("log", heddle::graph::append())
///       .node("plan", [](heddle::json_text state, auto&) { … })
///       .edge(heddle::graph::start, "plan")
///       .edge("plan", heddle::graph::end)
///       .compile();
class builder {
public:
  builder();
  builder(builder&&) noexcept;
  builder& operator=(builder&&) noexcept;
  ~builder();

  /// What the graph is for, as the API shows it.
  builder& describe(std::string text);

  /// A channel of the state. Every key that nodes write has one.
  builder& channel(std::string name, channel_spec what = last_value());

  /// A function or coroutine `(State, node_context&)` that gives a
  /// `node_result`, a `command`, or anything that `codec` writes. `State` is
  /// `json_text` or anything that `codec` reads.
  template <class State = json_text, class F>
  builder& node(std::string name, F body) {
    using given = std::invoke_result_t<const F&, State, node_context&>;
    if constexpr (detail::is_task<given>::value)
      return coroutine(std::move(name), [body = std::move(body)](
                                          json_text state, node_context& ctx) {
        return detail::run_coroutine<State>(body, std::move(state), ctx);
      });
    else
      return function(std::move(name), [body = std::move(body)](
                                         json_text state, node_context& ctx) {
        return detail::as_result(body(detail::decode<State>(state), ctx));
      });
  }

  /// Where a node may go by its commands: for the drawing, and so that
  /// `compile` sees that those nodes are reached.
  builder& destinations(const std::string& node, std::vector<std::string> to);

  /// `to` runs after `from` has.
  builder& edge(std::string_view from, std::string_view to);
  /// `to` runs when all of `from` have run.
  builder& join(std::vector<std::string> from, std::string_view to);

  /// After `from`, what `route` says. `targets` are the nodes it may name;
  /// empty: any.
  builder& branch(std::string_view from, router route,
                  std::vector<std::string> targets = {});
  /// The same, for routes that name one node.
  builder& branch(std::string_view from,
                  std::function<std::string(json_text state)> route,
                  std::vector<std::string> targets = {});

  /// Where the graph begins.
  builder& entry(std::string_view node) { return edge(start, node); }
  /// After this node the graph is at its end.
  builder& finish(std::string_view node) { return edge(node, end); }

  /// Every run stops before or after these nodes; `*`: all.
  builder& interrupt_before(std::vector<std::string> nodes);
  /// The same, after them.
  builder& interrupt_after(std::vector<std::string> nodes);

  /// Schemas that the API shows beside those of the channels.
  builder& config_schema(json_text schema);
  /// The same for a run's `context`.
  builder& context_schema(json_text schema);

  /// @returns `errc::invalid_argument` with everything that is wrong, one line
  ///          each.
  result<compiled> compile() const;

private:
  builder& function(std::string name, node_function body);
  builder& coroutine(std::string name, node_coroutine body);

  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace heddle::graph
