#pragma once

#include "actors/dispatchers.hpp"
#include "actors/graph_registry.hpp"
#include "actors/id_source.hpp"
#include "actors/metrics.hpp"
#include "actors/protocol/worker.hpp"
#include "heddle/log.hpp"
#include "heddle/options.hpp"
#include "heddle/webhook.hpp"
#include "runtime/ports.hpp"
#include "store/store.hpp"

#include <functional>
#include <memory>

namespace heddle::actors {

class directory;
struct environment;

/// How actors hold it. Without `presence`, it owns nothing.
using environment_ptr = std::shared_ptr<environment>;

/// What everything in this folder may use: ports, settings, and what is known
/// of the graphs. Outlives all actors. Every member is safe from any thread.
struct environment {
  store& rows;
  clock_source& clock;
  timer_source& timers;
  id_source& ids;
  webhook_sender& webhooks;
  graph_registry& graphs;
  metrics& counters;
  const options& opts;
  log_sink log;
  directory* threads = nullptr; ///< Set before anything is spawned.
  /// Whole before one of them begins, and before others are spawned.
  actors::dispatchers dispatchers{};
  /// A webhook is waiting in the store. Set before what uses it is spawned.
  std::function<void()> on_outbox = [] {};
  /// Held by every actor of the house, so that it knows when all have ended,
  /// whoever else is in their actor system.
  std::weak_ptr<void> presence{};

  environment_ptr ptr();
};

inline environment_ptr environment::ptr() {
  return {presence.lock(), this};
}

} // namespace heddle::actors
