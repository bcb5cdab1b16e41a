#include "tests/sim/simulation.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

namespace heddle::test {

namespace {

options busy() {
  options result;
  result.stop_grace = std::chrono::seconds{2};
  result.shutdown_grace = std::chrono::seconds{3};
  result.run_timeout = std::chrono::seconds{3};
  result.resumable_ttl = std::chrono::seconds{1000};
  result.workers = 2;
  result.jobs_per_worker = 2;
  return result;
}

/// Dispatcher, courier, bulk, reaper.
constexpr std::size_t house_keepers = 4;
/// Of those: expiry, the next webhook, the next deferred run.
constexpr std::size_t timers_at_rest = 3;

} // namespace

stage::stage(bool guards)
  : rows(make_rows(complaints, guards)), ghosts(rows->database()) {}

simulation::simulation(stage& where, std::uint64_t seed, coverage& seen,
                       const sim_gate_maker& gate)
  : seen_(seen), stage_(where), dice_(seed), house_(busy(), where.rows.get()),
    judge_(where.ghosts, seen, [this] { return house_.time.now(); }),
    crew_(dice_, judge_, seen), clients_(house_, dice_, judge_, seen, faults_),
    crashes_(dice_.chance(40)), mishaps_(dice_.chance(50)),
    full_queues_(dice_.chance(15)), failing_commits_(dice_.chance(15)),
    late_answers_(dice_.chance(30)), slow_store_(dice_.chance(30)),
    slow_workers_(dice_.chance(15)), stray_hints_(dice_.chance(40)),
    storms_(dice_.chance(20)) {
  stage_.complaints.clear();
  stage_.ghosts.wipe();
  house_.make_gate = [this, gate](stepped_store& rows) {
    return gate ? gate(rows, faults_)
                : std::make_unique<sim_gate>(rows, faults_);
  };
  house_.on_life = [this] { crew_.attach(house_.workers()); };
}

simulation::~simulation() {
  crew_.server_stops();
  if (house_.up())
    house_.crash(); // While those who are told of it are still there.
}

void simulation::check() const {
  if (judge_.broken())
    throw violation{*judge_.broken()};
}

void simulation::play() {
  house_.boot();
  judge_.catch_up();
  clients_.prepare();
  judge_.catch_up();
  let_fail();
  auto length = 100 + dice_.below(250);
  for (std::size_t i = 0; i < length; ++i) {
    judge_.next_step();
    step();
    judge_.catch_up();
    check();
  }
  come_to_rest();
  count_forwarded();
  check_rest();
}

/// The faults between the server and its store, from now on.
void simulation::let_fail() {
  auto now_and_then = [this](unsigned percent, situation what) {
    return [this, percent, what] {
      bool now = dice_.chance(percent);
      if (now)
        seen_.note(what);
      return now;
    };
  };
  if (full_queues_)
    faults_.full = now_and_then(3, situation::queue_full);
  if (failing_commits_)
    faults_.fails = now_and_then(3, situation::commit_failed);
  if (late_answers_)
    faults_.late = now_and_then(25, situation::answer_late);
}

/// Messages that nobody meant: as if they had been sent twice, or came late.
void simulation::stray_hint() {
  seen_.note(situation::stray_hint);
  const auto& env = house_.home().env();
  auto now = house_.time.now();
  switch (dice_.below(6)) {
    case 0: return house_.home().after_mark(nullptr);
    case 1: return env.on_outbox();
    case 2: return env.dispatchers.tell_all(actors::refill{});
    case 3: return env.dispatchers.tell_all(actors::due_hint{now});
    case 4: return clients_.stray_recheck();
    default: break;
  }
  const auto& runs = judge_.runs();
  if (runs.empty())
    return;
  const auto& run = std::next(runs.begin(), dice_.below(runs.size()))->second;
  ready_run hint{{run.row.due, run.row.n},
                 run.row.id,
                 judge_.thread_of(run),
                 dice_.chance(20)};
  env.dispatchers.tell_all(actors::ready_hint{hint});
}

void simulation::release_late() {
  while (!faults_.waiting.empty() && dice_.chance(40))
    faults_.release();
}

void simulation::step() {
  auto roll = dice_.below(100);
  mix(roll);
  if (!faults_.waiting.empty() && dice_.chance(10))
    return release_late();
  if (roll < 46 && house_.ready_actors() > 0)
    return house_.deliver_one(dice_.below(house_.ready_actors()));
  if (roll < (slow_store_ ? 52U : 62U))
    return commit(1 + dice_.below(dice_.chance(70) ? 2 : 6));
  if (roll < 66) {
    house_.rows.run_reads();
    return;
  }
  if (roll < 79) {
    if (!slow_workers_ || dice_.chance(25))
      crew_.step();
    return;
  }
  if (roll < 94)
    return storms_ && dice_.chance(4) ? clients_.storm() : clients_.act();
  if (roll < 96) {
    auto until
      = house_.time.now() + std::chrono::milliseconds{1 + dice_.below(1500)};
    house_.time.fire_until(until);
    return;
  }
  if (roll == 96)
    return stray_hints_ ? stray_hint() : clients_.mark_untold();
  if (roll < 99)
    return mishaps_ && dice_.chance(60) ? crew_.mishap() : void();
  if (crashes_)
    return dice_.chance(75) ? crash() : stop_in_order();
}

void simulation::commit(std::size_t limit) {
  house_.rows.commit_batch(limit);
  judge_.catch_up();
  if (std::ranges::any_of(judge_.runs(), [](const auto& at) {
        return at.second.live() && at.second.row.cancel
               && at.second.row.status == run_status::pending;
      }))
    seen_.note(situation::bulk_left_to_slices);
}

void simulation::crash() {
  seen_.note(situation::crashed);
  for (const auto& [n, run] : judge_.runs()) {
    if (!run.live() || !run.row.cancel)
      continue;
    seen_.note(run.row.status == run_status::running
                 ? situation::crashed_with_intent
                 : situation::crashed_with_marks);
  }
  if (!faults_.waiting.empty())
    seen_.note(situation::crashed_before_answer);
  judge_.server_died();
  crew_.server_stops();
  crew_.server_died();
  house_.crash();
  clients_.server_gone();
  for (bool again = true; again;) {
    house_.queue_recovery();
    again = dice_.chance(25);
    if (!again)
      break;
    seen_.note(situation::crashed_in_recovery);
    house_.rows.commit_batch(dice_.below(3));
    judge_.catch_up();
    house_.rows.crash();
  }
  house_.rows.commit_batch(100);
  judge_.catch_up();
  house_.start_house();
  if (dice_.chance(30))
    clients_.cancel_after_recovery();
}

void simulation::stop_in_order() {
  seen_.note(situation::stopped_in_order);
  for (const auto& [n, run] : judge_.runs())
    if (run.live() && run.row.cancel && run.row.status == run_status::running) {
      seen_.note(situation::stopped_with_intent);
      break;
    }
  // It may stop after a violation has ended this function.
  auto stopped = std::make_shared<bool>(false);
  crew_.server_stops();
  house_.api().stop([stopped] { *stopped = true; });
  for (int i = 0; i < 3000 && !*stopped; ++i) {
    judge_.next_step();
    // Some node works on for ever: time must pass beside it.
    if (dice_.chance(3) || !move_on())
      house_.time.fire_until(house_.time.now() + std::chrono::hours{1});
    judge_.catch_up();
    check();
  }
  if (!*stopped)
    throw violation{"the server does not stop"};
  for (const auto& [n, run] : judge_.runs())
    if (run.live() && run.row.status == run_status::running)
      throw violation{"a run was left executing by a stop in order"};
  auto late = std::exchange(faults_.late, nullptr);
  while (faults_.release()) {}
  house_.settle();
  judge_.catch_up();
  clients_.check_answered();
  crew_.server_died();
  house_.shut_down();
  clients_.server_gone();
  faults_.late = late;
  house_.boot();
}

/// One thing that can happen without time passing. False if nothing can.
bool simulation::move_on() {
  if (!faults_.waiting.empty() && dice_.chance(20)) {
    faults_.release();
    return true;
  }
  if (house_.ready_actors() > 0) {
    house_.deliver_one(dice_.below(house_.ready_actors()));
    return true;
  }
  if (house_.rows.queued_writes() > 0) {
    commit(1 + dice_.below(4));
    return true;
  }
  return house_.rows.run_reads() > 0 || crew_.step() || faults_.release();
}

/// The faults are over. Whatever is still under way must find its end.
void simulation::come_to_rest() {
  faults_.end();
  crew_.behave();
  calm_ = house_.time.now();
  auto until = house_.time.now() + std::chrono::seconds{60};
  for (int i = 0; i < 50'000; ++i) {
    judge_.next_step();
    bool moved = move_on();
    judge_.catch_up();
    check();
    if (moved)
      continue;
    for (std::size_t w = 0; w < house_.webhooks.sent.size(); ++w)
      house_.webhooks.answer(w, 200);
    house_.webhooks.sent.clear();
    judge_.check_pace(calm_);
    if (at_rest() || !house_.time.fire_until(until))
      return;
  }
  throw violation{"it never comes to rest"};
}

bool simulation::at_rest() {
  return house_.ready_actors() + house_.rows.queued_writes()
             + house_.rows.queued_reads()
           == 0
         && house_.thread_actors() == 0 && house_.slots_used() == 0
         && stage_.ghosts.count("SELECT count(*) FROM bulk") == 0
         && std::ranges::none_of(
           judge_.runs(), [](const auto& at) { return at.second.live(); });
}

void simulation::check_rest() {
  judge_.check_end();
  check();
  clients_.check_answered();
  clients_.check_idle();
  house_.advance(std::chrono::seconds{15}); // Old timers find nobody.
  if (house_.thread_actors() != 0)
    throw violation{"a thread's actor has not retired"};
  if (auto left = house_.actors_beside_workers(); left > house_keepers)
    throw violation{"actors are leaked: " + std::to_string(left)};
  if (auto left = house_.time.waiting(); left > timers_at_rest)
    throw violation{"timers are leaked: " + std::to_string(left)};
  if (house_.slots_used() != 0)
    throw violation{"a slot is leaked"};
  for (const auto& line : stage_.complaints)
    if (!line.ends_with(simulated_failure{}.what()))
      throw violation{"the store complains: " + line};
  for (const auto& line : house_.errors)
    if (line.find("died of an error") != std::string::npos)
      throw violation{line};
  auto wrong = stage_.ghosts.count("SELECT count(*) FROM event e LEFT JOIN run "
                                   "r ON r.n=e.run WHERE r.n IS NULL");
  if (wrong != 0)
    throw violation{"events without their run"};
}

/// Counts what the actors of this life have counted.
void simulation::count_forwarded() {
  if (house_.up() && house_.home().env().counters.forwarded > 0)
    seen_.note(situation::message_forwarded);
}

void simulation::mix(std::uint64_t what) {
  trace_ = (trace_ ^ what) * 0x100000001B3ULL;
}

} // namespace heddle::test
