#include "tests/sim/simulation.hpp"

#include <algorithm>

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

} // namespace

stage::stage() : rows(make_rows(complaints)), ghosts(rows->database()) {}

simulation::simulation(stage& where, std::uint64_t seed, coverage& seen,
                       world::gate_maker gate)
  : seen_(seen), stage_(where), dice_(seed), house_(busy(), where.rows.get()),
    judge_(where.ghosts, seen, [this] { return house_.time.now(); }),
    crew_(dice_, judge_, seen), clients_(house_, dice_, judge_, seen),
    crashes_(dice_.chance(40)), mishaps_(dice_.chance(50)),
    full_queues_(dice_.chance(15)), slow_store_(dice_.chance(30)) {
  stage_.complaints.clear();
  stage_.ghosts.wipe();
  if (gate)
    house_.make_gate = std::move(gate);
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
  if (full_queues_) {
    auto full = [this] {
      auto now = dice_.chance(3);
      if (now)
        seen_.note(situation::queue_full);
      return now;
    };
    house_.gate().fault = [full](lane) { return full(); };
    house_.gate().read_fault = full;
  }
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

void simulation::step() {
  auto roll = dice_.below(100);
  mix(roll);
  if (roll < 46 && house_.ready_actors() > 0)
    return house_.deliver_one(dice_.below(house_.ready_actors()));
  if (roll < (slow_store_ ? 52U : 62U))
    return commit(1 + dice_.below(dice_.chance(70) ? 2 : 6));
  if (roll < 66) {
    house_.rows.run_reads();
    return;
  }
  if (roll < 79) {
    crew_.step();
    return;
  }
  if (roll < 94)
    return clients_.act();
  if (roll < 97) {
    auto until
      = house_.time.now() + std::chrono::milliseconds{1 + dice_.below(1500)};
    house_.time.fire_until(until);
    return;
  }
  if (roll < 98 && mishaps_)
    return crew_.mishap();
  if (roll == 99 && crashes_)
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
}

void simulation::stop_in_order() {
  seen_.note(situation::stopped_in_order);
  bool stopped = false;
  crew_.server_stops();
  house_.api().stop([&stopped] { stopped = true; });
  for (int i = 0; i < 3000 && !stopped; ++i) {
    judge_.next_step();
    // Some node works on for ever: time must pass beside it.
    if (dice_.chance(3) || !move_on())
      house_.time.fire_until(house_.time.now() + std::chrono::hours{1});
    judge_.catch_up();
    check();
  }
  if (!stopped)
    throw violation{"the server does not stop"};
  for (const auto& [n, run] : judge_.runs())
    if (run.live() && run.row.status == run_status::running)
      throw violation{"a run was left executing by a stop in order"};
  house_.settle();
  judge_.catch_up();
  clients_.check_answered();
  crew_.server_died();
  house_.shut_down();
  clients_.server_gone();
  house_.boot();
}

/// One thing that can happen without time passing. False if nothing can.
bool simulation::move_on() {
  if (house_.ready_actors() > 0) {
    house_.deliver_one(dice_.below(house_.ready_actors()));
    return true;
  }
  if (house_.rows.queued_writes() > 0) {
    commit(1 + dice_.below(4));
    return true;
  }
  return house_.rows.run_reads() > 0 || crew_.step();
}

/// The faults are over. Whatever is still under way must find its end.
void simulation::come_to_rest() {
  house_.gate().fault = nullptr;
  house_.gate().read_fault = nullptr;
  crew_.behave();
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
         && std::ranges::none_of(
           judge_.runs(), [](const auto& at) { return at.second.live(); });
}

void simulation::check_rest() {
  judge_.check_end();
  check();
  clients_.check_answered();
  if (house_.thread_actors() != 0)
    throw violation{"a thread's actor has not retired"};
  if (house_.slots_used() != 0)
    throw violation{"a slot is leaked"};
  if (!stage_.complaints.empty())
    throw violation{"the store complains: " + stage_.complaints.front()};
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
