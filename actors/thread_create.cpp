#include "actors/thread.hpp"

#include "core/cancel_texts.hpp"
#include "core/run_request.hpp"
#include "heddle/ids.hpp"

#include <algorithm>

// Creation of runs: in the order of their coming, and where a slot is free the
// start is in the same transaction.

namespace heddle::actors {

namespace {

error no_thread_or_assistant() {
  return {errc::not_found, "Thread or assistant not found."};
}

error thread_is_busy() {
  return {errc::conflict,
          "Thread is already running a task. Wait for it to finish or choose a "
          "different multitask strategy."};
}

error queue_is_full(const thread_id& thread, std::size_t runs) {
  return {errc::unavailable,
          "Thread " + thread.str() + " has " + std::to_string(runs)
            + " runs waiting already. Try again when some of them have ended."};
}

/// A registered graph's name stands for its system assistant.
assistant_id assistant_of(const std::string& given,
                          const graph_registry& graphs) {
  if (graphs.knows(given))
    return assistant_id{graph_uuid(given)};
  return assistant_id::parse(given).value_or(assistant_id{});
}

thread_record new_thread(const thread_id& id, const core::prepared_run& run,
                         timestamp now) {
  thread_record result;
  result.id = id;
  result.created = result.updated = result.state_updated = now;
  result.metadata = run.thread_metadata;
  result.config = run.thread_config;
  return result;
}

std::optional<cancel_action> supersedes(multitask_strategy strategy) {
  if (strategy == multitask_strategy::interrupt)
    return cancel_action::interrupt;
  if (strategy == multitask_strategy::rollback)
    return cancel_action::rollback;
  return std::nullopt;
}

new_run row_of(const create_run& msg, const thread_id& thread,
               const assistant_record& assistant,
               const core::prepared_run& run) {
  new_run result;
  result.id = msg.run;
  result.thread = thread;
  result.assistant = assistant.id;
  result.graph = assistant.graph;
  result.kwargs = run.kwargs;
  result.metadata = run.metadata;
  result.multitask = msg.what->multitask;
  result.webhook = msg.what->webhook;
  result.durability = msg.what->durability;
  result.flags.temporary = run.temporary;
  result.flags.resumable = run.resumable;
  result.due = run.due;
  result.created = run.created;
  return result;
}

/// As it reads from now on.
run_record record_of(const new_run& run) {
  run_record result;
  result.id = run.id;
  result.thread = run.thread;
  result.assistant = run.assistant;
  result.created = result.updated = run.created;
  result.metadata = run.metadata;
  result.kwargs = run.kwargs;
  result.multitask = run.multitask;
  return result;
}

} // namespace

void thread_state::on_create(const create_run& msg) {
  if (shutting_down_)
    return msg.done.deliver(
      error{errc::unavailable, "The server is shutting down."});
  creates_.push_back(msg);
  if (!slot_asked_)
    create_next();
}

/// If nothing is in motion, a free slot is asked for first, so that the run can
/// start in the transaction that creates it.
void thread_state::create_next() {
  while (!creates_.empty()) {
    bool idle = !now_ && !starting_ && !updating_ && creating_ == 0
                && env_->dispatchers.size() > 0;
    if (idle && creates_.front().what->after.count() == 0) {
      slot_asked_ = true;
      asked_kind_ = env_->graphs.likely_kind(creates_.front().what->assistant);
      auto take = back_here<slot_ptr>([this](result<slot_ptr> got) {
        slot_asked_ = false;
        auto next = std::move(creates_.front());
        creates_.pop_front();
        create(next, got.has_value() ? *got : nullptr);
        create_next();
      });
      env_->dispatchers.tell(
        asked_kind_,
        want_slot{[take](slot_ptr place) mutable { take(std::move(place)); }});
      return;
    }
    auto next = std::move(creates_.front());
    creates_.pop_front();
    create(next, nullptr);
  }
}

void thread_state::create(const create_run& msg, slot_ptr place) {
  ++creating_;
  known_.add(msg.run);
  if (place)
    begin_start();
  auto assistant = assistant_of(msg.what->assistant, env_->graphs);
  auto start = place ? std::optional{asked_kind_} : std::nullopt;
  commit(
    lane::normal,
    [msg, how = creation{assistant, id_, &env_->graphs,
                         env_->opts.runs_per_thread_max, start,
                         env_->clock.now()}](write_tx& tx) {
      return make_run(tx, msg, how);
    },
    [this, msg, place](result<made_run> got) {
      created(msg, std::move(got), place);
    });
}

/// The transaction of a create: everything that it changes, or nothing.
thread_state::made_run thread_state::make_run(write_tx& tx,
                                              const create_run& msg,
                                              const creation& how) {
  made_run result;
  auto fail = [&result](error why) {
    result.record = std::move(why);
    return result;
  };
  auto assistant = tx.assistant(how.assistant);
  auto thread = tx.thread_without_state(how.thread);
  if (!assistant || (!thread && !msg.stateless && !msg.what->create_thread))
    return fail(no_thread_or_assistant());
  if (auto problem = how.graphs->problem(assistant->graph))
    return fail({errc::bad_request, "Graph '" + assistant->graph
                                      + "' could not be loaded: " + *problem});
  const auto strategy = msg.what->multitask;
  if (thread && strategy == multitask_strategy::reject
      && tx.has_live_run(how.thread))
    return fail(thread_is_busy());
  if (thread && !supersedes(strategy)
      && tx.count_waiting(how.thread, how.waiting_max) >= how.waiting_max)
    return fail(queue_is_full(how.thread, how.waiting_max));
  auto run = core::prepare_run(
    *msg.what, *assistant, thread,
    {msg.run, how.thread, msg.stateless, msg.what->request_id}, how.now);
  if (!thread && !tx.insert_thread(new_thread(how.thread, run, how.now)))
    return fail({errc::conflict, "Thread " + how.thread.str()
                                   + " is being deleted. Try again later."});
  if (thread && run.updates_thread)
    tx.update_thread(how.thread, run.thread_metadata, run.thread_config,
                     how.now);
  if (auto action = supersedes(strategy))
    result.superseded = tx.cancel_live_runs(
      how.thread, *action, core::superseded_reason(msg.run, *action), how.now);
  auto made = row_of(msg, how.thread, *assistant, run);
  auto row = tx.insert_run(made);
  result.record = record_of(made);
  how.graphs->learn(assistant->id, made.graph);
  bool fits = how.start == how.graphs->kind_of(made.graph);
  if (fits && row.head && row.due <= how.now)
    result.run = start_in(tx, msg.run, how.now);
  if (result.run)
    return result;
  if (row.head)
    result.head = {row, made.graph, false};
  else if (!result.superseded.empty())
    result.head = head_of(tx, how.thread);
  return result;
}

void thread_state::created(const create_run& msg, result<made_run> got,
                           slot_ptr place) {
  if (place)
    start_over();
  if (got.has_error() || got->record.has_error()) {
    msg.done.deliver(got.has_error() ? got.error() : got->record.error());
    offer_again();
    return creation_done();
  }
  ++env_->counters.runs_created;
  server::created_run answer{std::move(*got->record), {}};
  if (msg.reader)
    answer.place
      = place_of(msg.run, audiences_[msg.run].add(msg.reader, msg.how,
                                                  audience::arrival::with_run));
  msg.done.deliver(std::move(answer));
  for (const auto& [row, outcome] : got->superseded) {
    auto action = *supersedes(msg.what->multitask);
    met(row.id, outcome, action, core::superseded_reason(msg.run, action));
  }
  if (got->run)
    execute(std::move(*got->run), std::move(place));
  else
    follow_head(*env_, id_, got->head);
  offer_again();
  creation_done();
}

void thread_state::creation_done() {
  --creating_;
  if (creating_ > 0 || !creates_.empty())
    return;
  for (auto& next : std::exchange(after_creates_, {}))
    next();
}

} // namespace heddle::actors
