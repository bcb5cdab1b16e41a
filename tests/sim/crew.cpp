#include "tests/sim/crew.hpp"

#include <algorithm>
#include <utility>

namespace heddle::test {

namespace {

/// Some runs take their process along, whichever executes them.
bool is_poison(const run_id& run) {
  return run.bytes()[15] % 24 == 5;
}

bool pressed(const executor& process) {
  return std::ranges::any_of(process.works(),
                             [](const auto& w) { return w.second.raises > 0; });
}

bool waits_for_reaping(const executor& process) {
  return process.killed && !process.gone;
}

} // namespace

void crew::attach(scripted_launcher& workers) {
  workers_ = &workers;
  stopping_ = false;
  parts_.clear();
  judge_.processes = &workers.all;
  bool alone = dice_.chance(25); // Executors like that of C++ graphs.
  workers.on_launch = [this, alone](executor& process) {
    process.dies_at_once = false;
    process.gives_up_alone = alone;
    process.on_abandon
      = [this](executor&, work&) { seen_.note(situation::run_abandoned); };
    process.on_kill = [this](executor& which) {
      if (!stopping_)
        judge_.process_killed(which);
    };
    process.on_late_order
      = [this](executor& which) { judge_.death_was_ordered(which); };
    process.on_start
      = [this](executor& where, work& in) { take_on(where, in); };
  };
  workers.says_hello = false;
}

void crew::take_on(executor& process, work& in) {
  if (in.run)
    judge_.started(*in.run, workers_->all);
  part me;
  me.left = dice_.below(dice_.chance(50) ? 4 : 14);
  if (dice_.chance(40))
    me.how = static_cast<manner>(1 + dice_.below(7));
  me.until = judge_.now() + std::chrono::seconds{1 + dice_.below(3)};
  parts_[{&process, in.no}] = std::move(me);
}

bool crew::busy(const executor& process, const work& in) {
  if (process.gone || in.clean)
    return false;
  const auto& me = parts_.at({const_cast<executor*>(&process), in.no});
  if (in.ended)
    return me.how != manner::lingering;
  bool told = !in.cancels.empty() || in.drains > 0 || in.question;
  if (me.how == manner::waiting && !told && judge_.now() < me.until)
    return false;
  bool deaf = me.how == manner::ignoring && !in.cancels.empty() && me.left == 0;
  return !deaf || !good_; // It would work for ever.
}

bool crew::step() {
  std::vector<std::pair<executor*, work*>> able;
  std::vector<executor*> alone;
  for (auto& process : workers_->all) {
    if (process->gone)
      continue;
    if (waits_for_reaping(*process))
      alone.push_back(process.get());
    else if (process->works().empty() && !process->said_hello)
      alone.push_back(process.get());
    for (auto& [no, in] : process->works())
      if (busy(*process, in))
        able.emplace_back(process.get(), &in);
  }
  if (able.empty() && alone.empty())
    return false;
  auto at = dice_.below(able.size() + alone.size());
  if (at < able.size()) {
    act(*able[at].first, *able[at].second);
    return true;
  }
  auto& process = *alone[at - able.size()];
  if (process.killed)
    die(process, "killed");
  else
    process.hello();
  return true;
}

void crew::act(executor& process, work& in) {
  auto& me = parts_.at({&process, in.no});
  for (; me.refused < in.refused.size(); ++me.refused)
    seen_.note(situation::late_checkpoint_refused);
  if (in.run && is_poison(in.run->run) && !in.ended && dice_.chance(40))
    return die(process, "signal 11");
  if (in.drains > 0 && in.cancels.empty() && pressed(process))
    seen_.note(situation::neighbour_drained);
  if (in.ended)
    return process.clean(in.no);
  if (in.question)
    return answer(process, in, me);
  if (!in.cancels.empty() && me.how != manner::ignoring)
    return stop(process, in, me);
  if (in.drains > 0 && me.how != manner::stubborn && dice_.chance(60))
    return end(process, in, worker::end_outcome::drained);
  if (me.left > 0) {
    --me.left;
    return do_some(process, in, me);
  }
  if (me.how == manner::ignoring && !in.cancels.empty()) {
    // It works on; only the ladder's end stops it.
    return process.event(in.no, "values",
                         "{\"e\":" + std::to_string(judge_.emit()) + "}");
  }
  end(process, in,
      me.how == manner::failing ? worker::end_outcome::error
                                : worker::end_outcome::success);
}

void crew::stop(executor& process, work& in, part& me) {
  if (me.how == manner::late && me.puts < 6)
    return put(process, in, me);
  if (dice_.chance(20) && me.left > 0) { // A `finally` of some length.
    --me.left;
    return do_some(process, in, me);
  }
  end(process, in,
      me.how == manner::swallowing ? worker::end_outcome::success
                                   : worker::end_outcome::cancelled);
}

void crew::do_some(executor& process, work& in, part& me) {
  switch (dice_.below(6)) {
    case 0: return put(process, in, me);
    case 1:
      if (!me.last.empty()) {
        process.writes(in.no, me.last, "t" + std::to_string(me.left), "1");
        return;
      }
      return put(process, in, me);
    case 2: {
      worker::get what;
      what.req = 1;
      return process.say(in.no, what);
    }
    case 3: {
      worker::store_ops what;
      what.req = 2;
      what.ops = json_text{
        R"([{"op":"put","namespace":["a"],"key":"k","value":{"v":1}}])"};
      return process.say(in.no, what);
    }
    default:
      process.event(in.no, "values",
                    "{\"e\":" + std::to_string(judge_.emit()) + "}");
  }
}

void crew::put(executor& process, work& in, part& me) {
  ++me.puts;
  me.last = "c" + std::to_string(++checkpoints_);
  bool view_first = dice_.chance(20);
  if (view_first)
    process.view(in.no, me.last);
  process.put(in.no, me.last, std::to_string(checkpoints_));
  if (!view_first && dice_.chance(80))
    process.view(in.no, me.last,
                 dice_.chance(30) ? std::vector<std::string>{"next"}
                                  : std::vector<std::string>{});
}

void crew::end(executor& process, work& in, worker::end_outcome how) {
  if (in.run)
    if (auto* run = judge_.find(in.run->run))
      if (run->row.epoch == in.run->epoch)
        run->said = how;
  process.end(in.no, how);
}

void crew::answer(executor& process, work& in, part& me) {
  if (me.left > 0 && in.question->kind == "update") {
    me.left = 0;
    return put(process, in, me);
  }
  if (dice_.chance(15))
    return process.answer(in.no, error{errc::bad_request, "no"});
  process.answer(in.no, json_text{R"({"checkpoint":{"checkpoint_id":"x"}})"});
}

void crew::die(executor& process, const std::string& why) {
  std::size_t neighbours = 0;
  for (const auto& [no, in] : process.works())
    neighbours += in.run && !in.ended && in.cancels.empty() ? 1 : 0;
  if (process.killed) {
    seen_.note(situation::ladder_killed);
    if (neighbours > 0)
      seen_.note(situation::neighbour_killed);
  }
  judge_.process_died(process);
  process.die(why);
}

void crew::mishap() {
  std::vector<executor*> standing;
  for (auto& process : workers_->all)
    if (!process->gone && process->said_hello)
      standing.push_back(process.get());
  if (standing.empty() || good_)
    return;
  auto& process = *dice_.pick(standing);
  if (dice_.chance(60)) {
    seen_.note(situation::worker_died);
    return die(process, "signal 11");
  }
  seen_.note(situation::worker_blocked);
  process.answers_pings = false;
  process.say(0, worker::beat{"graph.py:7"});
}

void crew::behave() {
  good_ = true;
  for (auto& process : workers_->all) {
    if (process->gone || !process->said_hello)
      continue;
    process->answers_pings = true;
    // Only what it was asked while it could not answer.
    if (auto n = std::exchange(process->unanswered, 0))
      process->say(0, worker::pong{n, 0, 0});
  }
}

void crew::server_died() {
  parts_.clear();
  judge_.processes = nullptr;
}

} // namespace heddle::test
