#include "tests/house/world.hpp"

#include "actors/server_impl.hpp"
#include "actors/system_assistants.hpp"

#include <caf/actor_registry.hpp>
#include <caf/send.hpp>

#include <mutex>
#include <stdexcept>

namespace heddle::test {

namespace {

/// A crashed server's destructor is never run, as none is in a real crash: it
/// would wait for an orderly end. It only holds references.
void bury(std::unique_ptr<server> crashed) {
  // Never destroyed: what is buried stays reachable until the very end.
  static auto& graveyard = *new std::vector<server*>;
  static std::mutex guard; // Worlds may stand side by side.
  std::lock_guard locked{guard};
  graveyard.push_back(crashed.release());
}

} // namespace

options quick() {
  options result;
  result.stop_grace = std::chrono::seconds{2};
  result.shutdown_grace = std::chrono::seconds{10};
  result.run_timeout = std::chrono::seconds{60};
  result.workers = 1;
  result.jobs_per_worker = 3;
  return result;
}

std::unique_ptr<stepped_store> make_rows(std::vector<std::string>& complaints,
                                         bool guards) {
  sqlite_options how;
  how.ghosts = guards;
  how.slice_rows_max = 2;
  how.log
    = [&complaints](std::string_view line) { complaints.emplace_back(line); };
  return std::make_unique<stepped_store>(std::move(how));
}

world::world(options what, stepped_store* given)
  : opts(what), own_rows_(given ? nullptr : make_rows(complaints)),
    rows(given ? *given : *own_rows_) {
  make_gate = [](stepped_store& behind) {
    return std::make_unique<store_gate>(behind);
  };
}

world::~world() {
  if (life_)
    crash();
}

// -- lives --------------------------------------------------------------------

void world::boot() {
  queue_recovery();
  rows.commit_batch(100);
  start_house();
  settle();
}

void world::queue_recovery() {
  auto now = time.now();
  write(
    rows, lane::urgent,
    [max = opts.strikes_max, now](write_tx& tx) {
      return tx.recover(max, now);
    },
    [](const result<recovery>&) {});
  write(
    rows, lane::urgent,
    [now, graphs = graphs()](write_tx& tx) {
      actors::put_system_assistants(tx, graphs, now);
      return true;
    },
    [](const result<bool>&) {});
}

std::vector<std::string> world::graphs() const {
  std::vector<std::string> result{"graph", "other"};
  result.resize(kinds_served);
  return result;
}

std::vector<actors::worker_kind> world::kinds() {
  std::vector<actors::worker_kind> result;
  auto names = graphs();
  worker::launcher* launchers[] = {&life_->workers, &life_->others};
  for (std::size_t i = 0; i < names.size(); ++i)
    result.push_back({names[i],
                      *launchers[i],
                      {names[i]},
                      opts.workers,
                      opts.jobs_per_worker});
  return result;
}

void world::start_house() {
  next_ = std::make_unique<life>();
  next_->gate = make_gate(rows);
  next_->cfg.set("scheduler.policy", caf::atom("testing"));
  std::swap(life_, next_);
  if (on_life)
    on_life();
  auto log = [this](log_level level, std::string_view text, log_fields fields) {
    if (level != log_level::error)
      return;
    std::string line{text};
    for (const auto& field : fields)
      line += ' ' + field.name + '=' + field.value;
    errors.push_back(std::move(line));
  };
  life_->home.emplace(
    actors::house_ports{*life_->gate, time, time, ids, webhooks}, opts, kinds(),
    log, life_->cfg);
  life_->home->system().await_actors_before_shutdown(false);
  life_->api = std::make_unique<server>(
    std::make_unique<server::impl>(life_->home->env(), *life_->home));
}

void world::crash() {
  life_->gate->stop();
  rows.crash();
  bury(std::move(life_->api));
  // Their ends break the rings of references that a running attempt makes.
  for (auto* kind : {&life_->workers, &life_->others}) {
    kind->starts = false;
    kind->on_launch = nullptr;
    for (std::size_t i = 0; i < kind->all.size(); ++i)
      kind->all[i]->die("the server is gone");
  }
  deliver();
  end_life();
}

void world::shut_down() {
  bool stopped = false;
  life_->api->stop([&stopped] { stopped = true; });
  settle();
  for (int i = 0; i < 100 && !stopped; ++i)
    advance(std::chrono::seconds{1});
  if (!stopped)
    throw std::logic_error{"the server does not stop"};
  life_->api.reset();
  end_life();
}

void world::end_life() {
  webhooks.sent.clear();
  time.forget_timers();
  life_->home.reset();
  life_.reset();
  time.forget_timers();
}

// -- steps --------------------------------------------------------------------

caf::scheduler::test_coordinator& world::sched() {
  return dynamic_cast<caf::scheduler::test_coordinator&>(
    life_->home->system().scheduler());
}

void world::deliver() {
  sched().run();
}

std::size_t world::ready_actors() const {
  return const_cast<world*>(this)->sched().jobs.size();
}

void world::deliver_one(std::size_t which) {
  auto& jobs = sched().jobs;
  auto at = jobs.begin() + static_cast<std::ptrdiff_t>(which % jobs.size());
  auto* job = *at;
  jobs.erase(at);
  jobs.push_front(job);
  sched().try_run_once();
}

void world::commit() {
  rows.commit_batch(rows.queued_writes());
  deliver();
}

void world::settle() {
  do {
    deliver();
    rows.commit_batch(512);
    rows.run_reads();
    // Reads and commits answer by messages.
  } while (ready_actors() + rows.queued_writes() + rows.queued_reads() > 0);
}

void world::advance(std::chrono::milliseconds amount) {
  auto until = time.monotonic() + amount;
  settle();
  while (time.fire_until(until))
    settle();
}

std::size_t world::actors_beside_workers() {
  std::size_t workers = 0;
  std::size_t answers = 0;
  home().env().dispatchers.tell_all(actors::get_workers{[&](const auto& all) {
    ++answers;
    workers += all.size();
  }});
  deliver();
  if (answers != kinds_served)
    throw std::logic_error{"the dispatcher does not answer"};
  return home().system().registry().running() - workers;
}

std::size_t world::slots_used() {
  std::size_t used = 0;
  std::size_t answers = 0;
  home().env().dispatchers.tell_all(
    actors::get_workers{[&](const auto& workers) {
      ++answers;
      for (const auto& [ready, taken] : workers)
        used += taken;
    }});
  deliver();
  if (answers != kinds_served)
    throw std::logic_error{"the dispatcher does not answer"};
  return used;
}

} // namespace heddle::test
