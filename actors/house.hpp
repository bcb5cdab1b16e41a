#pragma once

#include "actors/directory.hpp"
#include "actors/environment.hpp"
#include "actors/guests.hpp"
#include "actors/protocol/house.hpp"
#include "actors/worker_kind.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace heddle::actors {

/// The ports a house is built on. All of them outlive it.
struct house_ports {
  store& rows;
  clock_source& clock;
  timer_source& timers;
  id_source& ids;
  webhook_sender& webhooks;
};

/// The actor system with everyone in it. The simulator builds it on a test
/// coordinator and ports of its own.
class house {
public:
  /// Starts the actors in a system of their own. The store has been recovered
  /// before.
  house(house_ports ports, options opts, std::vector<worker_kind> kinds,
        log_sink log, caf::actor_system_config& cfg);

  /// The same in a system that others live in as well.
  house(house_ports ports, options opts, std::vector<worker_kind> kinds,
        log_sink log, caf::actor_system& host);

  /// Ends every actor, also if `stop` was not called.
  ~house();

  house(const house&) = delete;
  house& operator=(const house&) = delete;

  environment& env() noexcept { return env_; }
  directory& threads() noexcept { return threads_; }
  caf::actor_system& system() noexcept { return sys_; }

  /// Slots of all kinds of workers.
  std::size_t slots_max() const noexcept;

  /// OS threads that nodes keep although their runs were given up.
  std::size_t stuck_threads() const;

  /// Who programs have handles of. They use the server, which closes this
  /// before it goes.
  const guests_ptr& visitors() const noexcept { return visitors_; }

  bool accepting() const noexcept { return accepting_; }

  void stop(std::function<void()> done);

  /// A bulk mark is committed: tells whoever executes or waits, and has the
  /// slices done. `latch` is let go of when they are.
  void after_mark(std::shared_ptr<void> latch);

private:
  house(house_ports ports, options opts, std::vector<worker_kind> kinds,
        log_sink log, std::unique_ptr<caf::actor_system> own,
        caf::actor_system* host);

  void hold_to_the_end();
  void await_end();
  void close(std::function<void()> done);
  void stopped();

  metrics counters_;
  const std::vector<worker_kind> kinds_;
  graph_registry graphs_;
  options opts_;
  environment env_;
  /// All of its actors have ended. Theirs too: a simulated crash drops them.
  std::shared_ptr<std::promise<void>> gone_;
  std::shared_ptr<void> presence_; ///< Its own share in `env_.presence`.
  std::unique_ptr<caf::actor_system> own_; ///< Null in a host's.
  caf::actor_system& sys_;
  directory threads_;
  bulk_actor bulk_;
  courier_actor courier_;
  reaper_actor reaper_;
  guests_ptr visitors_ = std::make_shared<guests>();
  std::atomic<bool> accepting_ = true;
  enum class standing : std::uint8_t { serving, stopping, stopped };
  std::mutex stop_mutex_; // Guards the next two.
  standing standing_ = standing::serving;
  std::vector<std::function<void()>> on_stopped_;
};

} // namespace heddle::actors
