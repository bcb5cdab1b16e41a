#include "tests/sim/clients.hpp"

#include <algorithm>
#include <cstdio>

// Readers: they join, break off, come back, and must have missed nothing.

namespace heddle::test {

std::shared_ptr<clients::reader> clients::make_reader(const thread_id& thread,
                                                      const run_id& run) {
  auto who = std::make_shared<reader>();
  who->at = std::make_shared<kept_reader>();
  who->run = run;
  who->thread = thread;
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
  if (!broken_.empty() && dice_.chance(60))
    return come_back();
  if (runs_.empty())
    return;
  auto [thread, run] = dice_.pick(runs_);
  auto who = make_reader(thread, run);
  follow_options how;
  if (dice_.chance(50)) {
    how.last_event_id = "-1";
    who->from = "";
  } else if (dice_.chance(15)) {
    static const std::vector<std::string> garbage
      = {"", "x", "12", "-", "99999999999999999999-1", "9999999999999-7"};
    how.last_event_id = dice_.pick(garbage);
    seen_.note(situation::garbage_id);
  }
  how.wait = dice_.chance(20);
  how.cancel_on_disconnect = dice_.chance(20);
  if (how.last_event_id && !how.wait)
    seen_.note(situation::replayed);
  join(who, how);
}

/// One that has broken off goes on after the last event that it got.
void clients::come_back() {
  auto before = broken_.back();
  broken_.pop_back();
  auto who = make_reader(before->thread, before->run);
  who->from = last_id(*before);
  follow_options how;
  how.last_event_id = who->from->empty() ? "-1" : *who->from;
  seen_.note(situation::reconnected);
  join(who, how);
}

void clients::join(const std::shared_ptr<reader>& who,
                   const follow_options& how) {
  who->wait = how.wait;
  who->cancels = how.cancel_on_disconnect;
  who->replay = true; // It may be shown what came before.
  house_.api().follow_run(who->thread, who->run, who->at, how,
                          expect<follower>("follow", [who](const auto& got) {
                            if (got.has_error()) {
                              who->left = true;
                              return;
                            }
                            who->place = *got;
                            who->placed = true;
                          }));
}

std::string clients::last_id(const reader& one) {
  std::string last = one.from.value_or("");
  for (const auto& event : one.at->events)
    if (!event->id.empty())
      last = event->id;
  return last;
}

void clients::leave() {
  std::vector<std::shared_ptr<reader>> here;
  for (auto& one : readers_)
    if (one->placed && !one->left && !one->at->last)
      here.push_back(one);
  if (here.empty())
    return;
  auto& at = dice_.pick(here);
  auto& who = *at;
  who.left = true;
  // Where it began is known, so it can be known where it is.
  if (who.from && !who.wait && dice_.chance(60))
    broken_.push_back(at);
  bool broke = dice_.chance(60);
  if (broke && who.cancels) {
    judge_.asked(who.run, cancel_action::interrupt);
    seen_.note(situation::disconnected);
  }
  house_.api().leave(who.place, broke);
}

/// What a reader of a resumable run got is a piece of the log: from where it
/// asked for, without a gap, a double or a change of order, and up to the end
/// of a run that nobody stopped.
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
  auto at = all.begin();
  if (one.from && !one.from->empty()) {
    at = std::ranges::find(all, *one.from);
    if (at++ == all.end())
      throw violation{"an event was shown that is not kept"};
  }
  if (!one.from && !got.empty())
    at = std::ranges::find(all, got.front());
  auto rest = static_cast<std::size_t>(all.end() - at);
  // What has expired is not shown again.
  bool whole = one.from && one.at->over() && !run->gone && !run->row.cancel
               && judge_.keeps_events(*run);
  if (got.size() > rest || !std::equal(got.begin(), got.end(), at)
      || (whole && got.size() != rest))
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
