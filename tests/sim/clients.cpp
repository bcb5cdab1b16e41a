#include "tests/sim/clients.hpp"

#include <algorithm>
#include <cstdio>

namespace heddle::test {

template <class T, class Check>
std::function<void(result<T>)> clients::expect(const char* what, Check check) {
  auto open = std::make_shared<request>(request{what, 0});
  requests_.push_back(open);
  return [this, open, check](result<T> got) {
    if (++open->answers > 1)
      judge_.fail(std::string{"answered twice: "} + open->what);
    check(got);
  };
}

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
    default: return get();
  }
}

void clients::server_gone() {
  requests_.clear();
  for (auto& one : readers_)
    check_reader(*one);
  readers_.clear();
}

// -- runs ---------------------------------------------------------------------

void clients::create() {
  run_create what;
  what.assistant = "graph";
  what.input = json_text{R"({"n":1})"};
  what.multitask = static_cast<multitask_strategy>(dice_.below(4));
  if (dice_.chance(65))
    what.multitask = multitask_strategy::enqueue;
  if (dice_.chance(15))
    what.after = std::chrono::milliseconds{500 * (1 + dice_.below(6))};
  what.durability = static_cast<durability>(dice_.below(3));
  what.resumable = dice_.chance(40);
  if (dice_.chance(20))
    what.webhook = "http://hook";
  bool stateless = dice_.chance(15);
  auto thread = stateless ? thread_id{} : dice_.pick(threads_);
  what.create_thread = dice_.chance(30);
  // The server names the run when it is asked: so can a client, if it guesses.
  auto run = house_.ids.peek(house_.time.now(), stateless ? 2 : 1);
  if (stateless)
    thread = thread_id{house_.ids.peek(house_.time.now(), 1)};
  std::shared_ptr<reader> who;
  follow_options how;
  if (dice_.chance(40)) {
    who = make_reader(run_id{run}, what.resumable);
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
  auto no = judge_.bulk_asked(which, what.action);
  seen_.note(situation::bulk_mark);
  auto since = judge_.step();
  house_.api().cancel(
    what,
    expect<cancel_receipt>("bulk", [this, what, since, no](const auto& got) {
      judge_.catch_up();
      judge_.bulk_closed(no);
      judge_.cancel_answered(what, since, got);
      if (got.has_value() && what.after == answer_after::effect)
        seen_.note(situation::bulk_waited_for);
    }));
}

// -- readers ------------------------------------------------------------------

std::shared_ptr<clients::reader> clients::make_reader(const run_id& run,
                                                      bool resumable) {
  auto who = std::make_shared<reader>();
  who->at = std::make_shared<kept_reader>();
  who->run = run;
  who->resumable = resumable;
  who->at->on_push = [this, run, me = who.get()](auto events) {
    for (const auto& event : events) {
      std::uint64_t no = 0;
      if (event->name == "values"
          && std::sscanf(event->data.str().c_str(), "{\"e\":%lu}", &no) == 1
          && !me->replay)
        judge_.shown(run, no);
    }
  };
  who->at->on_end = [this, run, me = who.get()] {
    if (me->at->last->why == end_reason::over)
      judge_.reader_over(run);
  };
  readers_.push_back(who);
  return who;
}

void clients::follow() {
  if (runs_.empty())
    return;
  auto [thread, run] = dice_.pick(runs_);
  auto* known = judge_.find(run);
  auto who = make_reader(run, known && known->row.flags.resumable);
  follow_options how;
  if (dice_.chance(50))
    how.last_event_id = "-1";
  how.wait = dice_.chance(20);
  who->wait = how.wait;
  who->cancels = how.cancel_on_disconnect = dice_.chance(20);
  who->replay = true; // It may be shown what came before.
  if (how.last_event_id && !how.wait)
    seen_.note(situation::replayed);
  house_.api().follow_run(thread, run, who->at, how,
                          expect<follower>("follow", [who](const auto& got) {
                            if (got.has_error()) {
                              who->left = true;
                              return;
                            }
                            who->place = *got;
                            who->placed = true;
                          }));
}

void clients::leave() {
  std::vector<reader*> here;
  for (auto& one : readers_)
    if (one->placed && !one->left && !one->at->last)
      here.push_back(one.get());
  if (here.empty())
    return;
  auto& who = *dice_.pick(here);
  who.left = true;
  bool broke = dice_.chance(60);
  if (broke && who.cancels) {
    judge_.asked(who.run, cancel_action::interrupt);
    seen_.note(situation::disconnected);
  }
  house_.api().leave(who.place, broke);
}

/// What a reader of a resumable run got is a piece of the log, without a gap,
/// a double or a change of order.
void clients::check_reader(const reader& one) const {
  if (one.at->after_end)
    throw violation{"a reader was told something after its end"};
  const auto* run = judge_.find(one.run);
  if (!run || !run->row.flags.resumable || one.wait)
    return;
  std::vector<std::string> got;
  for (const auto& event : one.at->events)
    if (!event->id.empty())
      got.push_back(event->id);
  std::vector<std::string> all;
  for (const auto& event : run->events)
    all.push_back(heddle::to_string(event));
  if (got.empty())
    return;
  auto at = std::ranges::find(all, got.front());
  auto rest = static_cast<std::size_t>(all.end() - at);
  if (got.size() > rest || !std::equal(got.begin(), got.end(), at))
    throw violation{"a reader missed an event, or got one twice: run "
                    + one.run.str()};
}

void clients::check_answered() const {
  for (const auto& open : requests_)
    if (open->answers != 1)
      throw violation{std::string{"never answered: "} + open->what};
  for (const auto& one : readers_) {
    check_reader(*one);
    if (!one->left && !one->at->last)
      throw violation{"a reader was never told the end: run " + one->run.str()};
  }
}

} // namespace heddle::test
