#pragma once

#include "tests/house/executor.hpp"
#include "tests/house/ports.hpp"
#include "tests/house/store_gate.hpp"
#include "tests/house/time.hpp"

#include "actors/house.hpp"
#include "heddle/server.hpp"
#include "store/sqlite_store.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace heddle::test {

/// Settings with short times, so that tests read well.
options quick();

/// The store of a world, with the guards of tests on; what it logs is a bug.
/// Without `guards` it lets through what its own rules forbid.
std::unique_ptr<stepped_store> make_rows(std::vector<std::string>& complaints,
                                         bool guards = true);

/// The real actors, core and store on CAF's test coordinator. Nothing happens
/// by itself: messages are delivered, writes committed, reads done and time
/// passes when the test says so. A test on it cannot be flaky, and a lost
/// answer is an empty slot instead of a test that hangs.
///
/// It survives its server: `crash` leaves what is committed and no more, and
/// `boot` starts the next life on that.
class world {
public:
  using gate_maker = std::function<std::unique_ptr<store_gate>(stepped_store&)>;

  explicit world(options opts = quick(), stepped_store* rows = nullptr);
  ~world();

  world(const world&) = delete;
  world& operator=(const world&) = delete;

  // -- lives

  /// Recovers, registers the graphs and starts the actors, as `make_server`
  /// does.
  void boot();
  /// `boot` in two steps: recovery is queued, and may never be committed.
  void queue_recovery();
  void start_house();
  /// The process is gone with its workers. What is committed stays.
  void crash();
  /// Stops in order, and lets the server go.
  void shut_down();
  bool up() const noexcept { return life_ != nullptr; }

  // -- steps

  /// Delivers messages until every mailbox is empty.
  void deliver();
  /// Delivers one message of one actor; which of those that have some.
  void deliver_one(std::size_t which);
  std::size_t ready_actors() const;
  /// Commits everything that is queued now in one batch, then delivers.
  void commit();
  /// Everything but time, until nothing is left to do.
  void settle();
  /// Lets time pass, timer by timer, and settles after each.
  void advance(std::chrono::milliseconds time);

  // -- what is in it

  server& api() { return *life_->api; }
  actors::house& home() { return *life_->home; }
  store_gate& gate() { return *life_->gate; }
  scripted_launcher& workers() { return life_->workers; }
  /// Those of the second kind, which serves `other`.
  scripted_launcher& others() { return life_->others; }
  std::size_t thread_actors() { return home().threads().size(); }
  /// Slots that are taken, by what the dispatcher says.
  std::size_t slots_used();
  /// Actors that live, but for those of workers.
  std::size_t actors_beside_workers();

  /// The kinds of workers, from the next life on: `graph` is served by the
  /// first, `other` by the second.
  std::size_t kinds_served = 1;

  const options opts;
  std::vector<std::string> complaints; ///< What the store logged.
  std::vector<std::string> errors;     ///< What the actors logged as errors.
  virtual_time time;
  sequential_ids ids;
  kept_webhooks webhooks;
  /// Called with every new life before its actors are spawned.
  std::function<void()> on_life;
  gate_maker make_gate;

private:
  struct life {
    std::unique_ptr<store_gate> gate;
    scripted_launcher workers;
    scripted_launcher others;
    caf::actor_system_config cfg;
    std::optional<actors::house> home;
    std::unique_ptr<server> api;
  };

  caf::scheduler::test_coordinator& sched();
  void end_life();
  std::vector<actors::worker_kind> kinds();
  std::vector<std::string> graphs() const;

  std::unique_ptr<stepped_store> own_rows_;
  std::unique_ptr<life> life_;
  std::unique_ptr<life> next_;

public:
  stepped_store& rows;
};

} // namespace heddle::test
