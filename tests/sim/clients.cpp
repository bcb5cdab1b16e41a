#include "tests/sim/clients.hpp"

#include <algorithm>
#include <cstdio>

namespace heddle::test {

void clients::prepare() {
  auto n = 1 + dice_.below(3);
  for (std::size_t i = 0; i < n; ++i) {
    slot<thread_record> made;
    house_.api().create_thread({}, made.fill());
    house_.settle();
    threads_.push_back(made.value().id);
  }
}

void clients::act() {
  switch (dice_.below(20)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4: return create();
    case 5:
    case 6:
    case 7:
    case 8: return cancel_some();
    case 9: return dice_.chance(70) ? cancel_many() : get();
    case 10:
    case 11: return follow();
    case 12:
    case 13: return leave();
    case 14: return dice_.chance(40) ? erase_run() : get();
    case 15: return dice_.chance(15) ? erase_thread() : get();
    case 16: return update();
    case 17: return answer_webhook();
    case 18: return create();
    default: return dice_.chance(50) ? get_thread() : get();
  }
}

/// Many at once on one thread, before anything of it is done.
void clients::storm() {
  seen_.note(situation::storm);
  auto thread = dice_.pick(threads_);
  for (auto left = 4 + dice_.below(16); left > 0; --left) {
    if (dice_.chance(30))
      cancel_some();
    else
      create(thread, static_cast<multitask_strategy>(dice_.below(4)));
  }
}

void clients::server_gone() {
  requests_.clear();
  for (auto& one : readers_)
    check_reader(*one);
  readers_.clear();
}

/// Someone asks before anything else does.
void clients::cancel_after_recovery() {
  if (runs_.empty())
    return;
  seen_.note(situation::cancel_beside_recovery);
  cancel_some();
}

void clients::stray_recheck() {
  house_.home().threads().tell(dice_.pick(threads_), actors::recheck{});
}

// -- runs ---------------------------------------------------------------------

void clients::create() {
  auto strategy = static_cast<multitask_strategy>(dice_.below(4));
  create(dice_.pick(threads_),
         dice_.chance(65) ? multitask_strategy::enqueue : strategy);
}

void clients::create(thread_id thread, multitask_strategy strategy) {
  run_create what;
  what.assistant = "graph";
  what.input = json_text{R"({"n":1})"};
  what.multitask = strategy;
  if (dice_.chance(15))
    what.after = std::chrono::milliseconds{500 * (1 + dice_.below(6))};
  what.durability = static_cast<durability>(dice_.below(3));
  what.resumable = dice_.chance(40);
  if (dice_.chance(20))
    what.webhook = "http://hook";
  bool stateless = dice_.chance(15);
  what.create_thread = dice_.chance(30);
  // The server names the run when it is asked: so can a client, if it guesses.
  auto run = house_.ids.peek(house_.time.now(), stateless ? 2 : 1);
  if (stateless)
    thread = thread_id{house_.ids.peek(house_.time.now(), 1)};
  std::shared_ptr<reader> who;
  follow_options how;
  if (dice_.chance(40)) {
    who = make_reader(thread, run_id{run});
    who->from = "";
    who->cancels = how.cancel_on_disconnect = dice_.chance(50);
    who->wait = how.wait = dice_.chance(25);
  }
  bool rejects = what.multitask == multitask_strategy::reject;
  auto done = expect<server::created_run>(
    "create", [this, run, who, rejects](const auto& got) {
      if (got.has_error()) {
        if (who)
          who->left = true;
        if (rejects && got.error().code == errc::conflict)
          seen_.note(situation::rejected);
        return;
      }
      judge_.create_answered(run_id{run});
      if (who) {
        who->place = got->place;
        who->placed = true;
      }
    });
  runs_.emplace_back(thread, run_id{run});
  house_.api().create_run(stateless ? std::nullopt : std::optional{thread},
                          what, who ? who->at : nullptr, how, std::move(done));
}

void clients::get() {
  if (runs_.empty())
    return;
  auto [thread, run] = dice_.pick(runs_);
  auto since = judge_.step();
  house_.api().get_run(
    thread, run, expect<run_record>("get", [this, run, since](const auto& got) {
      if (got.has_value())
        judge_.get_answered(run, since, got->status);
      else if (got.error().code == errc::not_found)
        judge_.get_answered(run, since, std::nullopt);
    }));
}

void clients::get_thread() {
  auto thread = dice_.pick(threads_);
  auto since = judge_.step();
  house_.api().get_thread(
    thread,
    expect<thread_record>("get thread", [this, thread, since](const auto& got) {
      if (got.has_value())
        judge_.thread_answered(thread, since,
                               got->status == thread_status::busy);
    }));
}

void clients::check_idle() {
  for (const auto& thread : threads_) {
    slot<thread_record> got;
    house_.api().get_thread(thread, got.fill());
    house_.settle();
    if (got.ok() && got.value().status == thread_status::busy)
      throw violation{"a thread is busy for ever: " + thread.str()};
  }
}

void clients::erase_run() {
  if (runs_.empty())
    return;
  auto [thread, run] = dice_.pick(runs_);
  if (auto* known = judge_.find(run);
      known && known->row.status == run_status::running && !known->gone)
    seen_.note(situation::run_deleted_while_running);
  judge_.delete_asked(run);
  house_.api().delete_run(thread, run,
                          expect<void>("delete run", [](const auto&) {}));
}

void clients::erase_thread() {
  auto& thread = dice_.pick(threads_);
  auto busy = std::ranges::any_of(judge_.runs(), [&](const auto& at) {
    return at.second.live() && at.second.row.status == run_status::running;
  });
  if (busy)
    seen_.note(situation::thread_deleted_while_running);
  judge_.thread_delete_asked(thread);
  house_.api().delete_thread(thread,
                             expect<void>("delete thread", [](const auto&) {}));
}

void clients::update() {
  state_update what;
  what.values = json_text{R"({"ch":1})"};
  house_.api().update_state(
    dice_.pick(threads_), what,
    expect<json_text>("update", [this](const auto& got) {
      if (got.has_value())
        seen_.note(situation::update_done);
      else if (got.error().code == errc::conflict)
        seen_.note(situation::update_refused);
    }));
}

void clients::answer_webhook() {
  auto& sent = house_.webhooks.sent;
  for (std::size_t i = 0; i < sent.size(); ++i)
    if (sent[i].done)
      return house_.webhooks.answer(i, dice_.chance(70) ? 200 : 503);
}

// -- cancels ------------------------------------------------------------------

std::vector<std::pair<thread_id, run_id>> clients::some_runs() {
  std::vector<std::pair<thread_id, run_id>> result;
  if (runs_.empty())
    return result;
  // Mostly late ones: the early ones are over.
  auto newest = std::min<std::size_t>(runs_.size(), 4);
  auto at = dice_.chance(75) ? runs_.size() - 1 - dice_.below(newest)
                             : dice_.below(runs_.size());
  result.push_back(runs_[at]);
  for (const auto& [thread, run] : runs_)
    if (thread == result.front().first && dice_.chance(15))
      result.emplace_back(thread, run);
  return result;
}

void clients::note_cancel(const run_id& run, cancel_action action) {
  const auto* known = judge_.find(run);
  if (!known)
    return seen_.note(situation::cancel_meets_create);
  if (known->gone || is_terminal(known->row.status))
    return seen_.note(situation::cancel_after_end);
  if (known->row.flags.temporary)
    seen_.note(situation::cancel_of_stateless);
  if (known->row.cancel > cancel_intent{action})
    seen_.note(situation::cancel_lowered);
  if (known->row.status != run_status::pending)
    return;
  seen_.note(known->had_worker ? situation::cancel_between_attempts
                               : situation::cancel_before_start);
  if (known->row.due > house_.time.now())
    seen_.note(situation::cancel_of_deferred);
}

void clients::cancel_some() {
  auto some = some_runs();
  cancel_by_ids ids;
  cancel_request what;
  what.action
    = dice_.chance(50) ? cancel_action::rollback : cancel_action::interrupt;
  what.after = dice_.chance(40) ? answer_after::effect : answer_after::intent;
  what.dry_run = dice_.chance(5);
  for (const auto& [thread, run] : some) {
    ids.thread = thread;
    ids.runs.push_back(run);
    if (what.dry_run)
      continue;
    note_cancel(run, what.action);
    judge_.asked(run, what.action);
  }
  if (some.empty() || dice_.chance(5))
    ids.runs.push_back(run_id{house_.ids.random()});
  what.what = ids;
  auto since = judge_.step();
  house_.api().cancel(
    what,
    expect<cancel_receipt>("cancel", [this, what, since](const auto& got) {
      judge_.cancel_answered(what, since, got);
      if (got.has_error() && got.error().code == errc::not_found)
        seen_.note(situation::cancel_of_nothing);
      if (got.has_value() && what.after == answer_after::effect)
        seen_.note(situation::cancel_waited_for);
    }));
}

void clients::cancel_many() {
  cancel_by_status which{dice_.chance(80), dice_.chance(70)};
  if (!which.pending && !which.running)
    which.pending = which.running = true;
  cancel_request what;
  what.what = which;
  what.action
    = dice_.chance(50) ? cancel_action::rollback : cancel_action::interrupt;
  what.after = dice_.chance(40) ? answer_after::effect : answer_after::intent;
  what.cause.what = cancel_cause::kind::bulk_route;
  what.receipt = true;
  faults_.tag = judge_.bulk_asked(which, what.action);
  seen_.note(situation::bulk_mark);
  auto since = judge_.step();
  house_.api().cancel(
    what, expect<cancel_receipt>("bulk", [this, what, since](const auto& got) {
      judge_.cancel_answered(what, since, got);
      if (got.has_value() && what.after == answer_after::effect)
        seen_.note(situation::bulk_waited_for);
    }));
}

/// An intent on what executes, and nobody is told of it: the row must do.
void clients::mark_untold() {
  if (dice_.chance(60))
    return;
  if (std::ranges::any_of(judge_.runs(), [](const auto& at) {
        return at.second.live() && !at.second.row.cancel
               && at.second.row.status == run_status::running;
      }))
    seen_.note(situation::bulk_untold);
  auto action
    = dice_.chance(50) ? cancel_action::rollback : cancel_action::interrupt;
  auto tag = judge_.bulk_asked({false, true}, action, true);
  house_.rows.write(
    lane::urgent,
    [this, tag, action, now = house_.time.now()](write_tx& tx) {
      sim_gate::begin(house_.rows.database(), tag);
      tx.mark_runs(by_status{false, true}, action, "untold", now, false);
    },
    [](const auto&) {});
}

} // namespace heddle::test
