#include "actors/directory.hpp"
#include "actors/server_impl.hpp"
#include "actors/store_answer.hpp"
#include "core/json_object.hpp"
#include "core/run_request.hpp"
#include "core/state_json.hpp"
#include "core/task_results.hpp"
#include "core/thread_errors.hpp"

#include <algorithm>
#include <utility>

// States and history: from the store, where what the graph library knows about
// a checkpoint has come with it. Only what it does not know is asked for.

namespace heddle {

namespace {

using actors::answer;
using core::state_parts;

json_text values_of(const checkpoint_row& row) {
  if (!row.view || !row.view->shape)
    return row.view ? row.view->values : json_text{};
  std::vector<std::pair<std::string, json_text>> channels;
  channels.reserve(row.values.size());
  for (const auto& value : row.values)
    channels.emplace_back(value.channel, value.json);
  return core::assemble_values(*row.view->shape, channels);
}

state_parts parts_of(const thread_id& thread, const checkpoint_row& row) {
  state_parts state;
  state.thread = thread;
  state.ns = row.ns;
  state.id = row.id;
  state.parent = row.parent;
  state.metadata = row.metadata;
  state.created = row.created;
  state.values = values_of(row);
  if (row.view) {
    state.next = row.view->next;
    std::vector<core::task_write> writes;
    for (const auto& write : row.writes)
      if (write.idx >= 0)
        writes.push_back({write.task, write.channel, write.json});
    state.tasks = core::with_results(row.view->tasks, writes, row.view->shape);
  }
  return state;
}

/// What came after the latest checkpoint, in a step that was left half done.
void lay_over(state_parts& state, live_state_row live) {
  state.values = std::move(live.values);
  state.next = std::move(live.next);
  state.tasks = std::move(live.tasks);
}

/// A task with a graph inside, whose state only the graph can tell.
bool has_nested(const json_text& tasks) {
  auto all = core::slice_array(tasks.view());
  return std::any_of(all.begin(), all.end(), [](auto task) {
    return core::json_object{task}.find("checkpoint").value_or("null")
           != "null";
  });
}

bool shows_latest(read_tx& tx, const thread_id& thread,
                  const checkpoint_row& row) {
  auto latest = tx.checkpoint(thread, "", std::nullopt);
  return row.ns.empty() && latest && latest->n == row.n;
}

/// An answer from the store, or the need to ask a graph.
struct found {
  json_text state;
  bool ask = false;
  std::string graph{}; ///< Empty: the thread's.
};

/// To be asked of the graph that made it: another one, used since by a run that
/// was rolled back, say, does not know what comes after this checkpoint.
found ask_about(const checkpoint_row& row) {
  return {{}, true, core::graph_of(row.metadata)};
}

answer<found> find_state(read_tx& tx, const thread_id& id,
                         const state_get& what) {
  auto thread = tx.thread(id);
  if (!thread)
    return {core::thread_not_found(id)};
  auto row = tx.checkpoint(id, what.at.ns, what.at.id);
  auto graph = core::json_object{thread->metadata.view()}.find("graph_id");
  if (!row && what.at.id && graph)
    return {found{core::unknown_checkpoint_json(id, *what.at.id)}};
  if (!row)
    return {found{core::state_json({})}};
  auto state = parts_of(id, *row);
  auto live = tx.live_state(id);
  if (live && shows_latest(tx, id, *row))
    lay_over(state, std::move(*live));
  bool unknown = !row->view && !live;
  if (unknown || (what.subgraphs && has_nested(state.tasks)))
    return {ask_about(*row)};
  return {found{core::state_json(state)}};
}

answer<found> find_history(read_tx& tx, const thread_id& id,
                           const history_search& what) {
  auto thread = tx.thread(id);
  if (!thread)
    return {core::thread_not_found(id)};
  checkpoint_query query{id, what.ns, what.before, what.metadata, what.limit};
  auto rows = tx.checkpoints(query);
  std::vector<state_parts> states;
  for (const auto& row : rows) {
    states.push_back(parts_of(id, row));
    auto live = states.size() == 1 ? tx.live_state(id) : std::nullopt;
    if (live && shows_latest(tx, id, row))
      lay_over(states.back(), std::move(*live));
    else if (!row.view)
      return {ask_about(row)};
  }
  return {found{core::history_json(states)}};
}

core::json_object asked_for(const std::string& ns) {
  core::json_object args;
  if (!ns.empty())
    args.set("checkpoint_ns", json_quote(ns));
  return args;
}

json_text state_args(const state_get& what) {
  auto args = asked_for(what.at.ns);
  if (what.at.id)
    args.set("checkpoint_id", json_quote(*what.at.id));
  args.set("subgraphs", what.subgraphs ? "true" : "false");
  return json_text{args.str()};
}

json_text history_args(const history_search& what) {
  auto args = asked_for(what.ns);
  args.set("limit", std::to_string(what.limit));
  if (what.before)
    args.set("before", json_quote(*what.before));
  if (!what.metadata.empty())
    args.set("filter", what.metadata.str());
  return json_text{args.str()};
}

/// Answers with what was found, or asks the graph.
server::callback<found> tell_or_ask(actors::environment& env, thread_id id,
                                    std::string kind, json_text args,
                                    server::callback<json_text> done) {
  return [&env, id, kind, args, done](result<found> got) {
    if (!got)
      return done(got.error());
    if (!got->ask)
      return done(std::move(got->state));
    env.threads->tell(id, actors::ask_graph{kind, args,
                                            actors::reply<json_text>{done},
                                            std::move(got->graph)});
  };
}

} // namespace

future<json_text> server::get_state(const thread_id& id, state_get what,
                                    callback<json_text> done) {
  future later{done};
  actors::answer_from_read<found>(
    impl_->env.rows,
    [id, what](read_tx& tx) { return find_state(tx, id, what); },
    tell_or_ask(impl_->env, id, "state", state_args(what), std::move(done)));
  return later;
}

future<json_text> server::get_history(const thread_id& id, history_search what,
                                      callback<json_text> done) {
  future later{done};
  actors::answer_from_read<found>(
    impl_->env.rows,
    [id, what](read_tx& tx) { return find_history(tx, id, what); },
    tell_or_ask(impl_->env, id, "history", history_args(what),
                std::move(done)));
  return later;
}

} // namespace heddle
