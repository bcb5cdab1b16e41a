#include "actors/thread.hpp"

#include "actors/ask.hpp"
#include "core/run_request.hpp"
#include "core/thread_errors.hpp"

#include <caf/actor_system.hpp>

// Questions that need graph code: a client's state update, the state of nested
// graphs.

namespace heddle::actors {

namespace {

std::string in_flight_text(const thread_id& thread,
                           const std::vector<run_id>& runs) {
  std::string result = "Thread " + thread.str() + " has in-flight runs: [";
  for (const auto& run : runs)
    result += (result.back() == '[' ? "" : ", ") + run.str();
  return result + "]";
}

/// The graph is asked under the thread's own configuration.
json_text with_config(const json_text& args, const json_text& config) {
  std::string rest{args.view().substr(1)};
  auto comma = args.view() == "{}" ? "" : ",";
  return json_text{R"({"config":)" + std::string{config.or_else("{}")} + comma
                   + rest};
}

} // namespace

struct thread_state::ask_facts {
  std::optional<thread_record> thread;
  std::vector<run_id> live;
};

/// An update keeps every run from starting until it is written.
void thread_state::on_ask(const ask_graph& msg) {
  bool update = msg.kind == "update";
  if (update && updating_)
    return refuse_update(msg);
  after_creates([this, msg, update] {
    if (update && std::exchange(updating_, true))
      return refuse_update(msg);
    if (update && starting_) // A run that reads as absent may be starting.
      update_waits_ = [this, msg] { look_for_ask(msg); };
    else
      look_for_ask(msg);
  });
}

void thread_state::look_for_ask(const ask_graph& msg) {
  look_up(
    [thread = id_](read_tx& tx) {
      return ask_facts{tx.thread(thread), tx.live_runs(thread, 100)};
    },
    [this, msg](result<ask_facts> got) { prepared(msg, std::move(got)); });
}

void thread_state::refuse_update(const ask_graph& msg) {
  msg.done.deliver(
    error{errc::conflict,
          "Thread " + id_.str() + " is being updated by another request."});
}

void thread_state::prepared(const ask_graph& msg, result<ask_facts> got) {
  auto fail = [&](error why) { answered(msg, std::nullopt, std::move(why)); };
  if (got.has_error())
    return fail(got.error());
  if (!got->thread)
    return fail(core::thread_not_found(id_));
  bool update = msg.kind == "update";
  // Its end is committed, so the client may know, and has yet to be heard here.
  if (update && got->live.empty() && now_ && now_->leaving)
    return void(update_waits_ = [this, msg] { look_for_ask(msg); });
  // A run that was deleted reads as absent, but may not have stopped yet.
  if (got->live.empty() && now_)
    got->live.push_back(now_->ref.id);
  if (update && !got->live.empty())
    return fail({errc::conflict, in_flight_text(id_, got->live)});
  auto graph = env_->graphs.knows(msg.graph)
                 ? msg.graph
                 : core::graph_of(got->thread->metadata);
  if (graph.empty())
    return fail({errc::bad_request,
                 "Thread '" + id_.str()
                   + "' has no assigned graph ID. This usually occurs when no "
                     "runs have been made on this particular thread. This "
                     "operation requires a graph ID. Please ensure a run has "
                     "been made for the thread or manually update the thread "
                     "metadata (by setting the 'graph_id' field) before "
                     "running this operation."});
  if (!env_->graphs.knows(graph))
    return fail(env_->graphs.not_found(graph));
  if (auto problem = env_->graphs.problem(graph))
    return fail({errc::bad_request,
                 "Graph '" + graph + "' could not be loaded: " + *problem});
  auto resting = now_ || starting_ ? std::nullopt : std::optional{starts_};
  auto back = back_here<graph_answer>(
    [this, msg, resting](result<graph_answer> answer) {
      answered(msg, resting, std::move(answer));
    });
  reply<graph_answer> done{back};
  graph_question question{msg.kind, graph, id_,
                          with_config(msg.args, got->thread->config)};
  auto env = env_;
  auto* sys = &self_->system();
  auto take = [env, sys, question, done](slot_ptr place) {
    if (place)
      spawn_ask(*sys, *env, question, std::move(place), done);
    else
      done.deliver(
        error{errc::unavailable, "No worker was free to ask the graph."});
  };
  auto asked = env->dispatchers.tell(
    env->graphs.kind_of(graph),
    want_slot{take, std::chrono::milliseconds{ask_patience}});
  if (!asked)
    take(nullptr);
}

/// `resting`: how many runs had started, if none executed when it was asked.
void thread_state::answered(const ask_graph& msg,
                            std::optional<std::uint64_t> resting,
                            result<graph_answer> got) {
  bool update = msg.kind == "update";
  if (got.has_error() || !update) {
    if (got.has_value() && resting == starts_)
      keep_views(std::move(got->views));
    msg.done.deliver(got.has_error() ? result<json_text>{got.error()}
                                     : std::move(got->value));
    return update ? ask_done() : void();
  }
  commit(
    lane::normal,
    [thread = id_, now = env_->clock.now()](write_tx& tx) {
      tx.refresh_thread(thread, now);
      return true;
    },
    [this, msg, answer = std::move(got->value)](result<bool> done) {
      if (done.has_error())
        msg.done.deliver(done.error());
      else
        msg.done.deliver(answer);
      ask_done();
    });
}

/// What killed workers left out is kept once it is known. Not beside a run:
/// what the graph says of a checkpoint may show that run's writes, which a
/// rollback takes away.
void thread_state::keep_views(std::vector<checkpoint_view> views) {
  if (views.empty())
    return;
  commit(
    lane::normal,
    [thread = id_, views = std::move(views)](write_tx& tx) {
      for (const auto& view : views)
        tx.fill_view(thread, view);
      return true;
    },
    [](const result<bool>&) {}); // Else it is asked for again.
}

void thread_state::go_on_with_update() {
  if (auto waiting = std::exchange(update_waits_, {}))
    waiting();
}

/// Runs may start again.
void thread_state::ask_done() {
  updating_ = false;
  offer_again();
}

} // namespace heddle::actors
