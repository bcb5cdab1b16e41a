#pragma once

#include "heddle/log.hpp"
#include "heddle/options.hpp"
#include "heddle/server.hpp"
#include "heddle/webhook.hpp"
#include "runtime/runtime.hpp"
#include "store/store.hpp"
#include "worker/worker.hpp"

#include <memory>
#include <string>
#include <vector>

namespace caf {
class actor_system;
} // namespace caf

namespace heddle {

/// One kind of executors: what starts them, how many, and for which graphs.
struct server_kind {
  std::string name; ///< For people: `python`, `native`.
  std::unique_ptr<worker::launcher> launcher;
  std::vector<std::string> graphs; ///< As the configuration names them.
  std::size_t workers = 1;
  std::size_t jobs_per_worker = 10;
};

/// What a server is made of.
struct server_parts {
  runtime& threads; ///< Outlives the server.
  std::unique_ptr<store> rows;
  /// None: nothing is executed; runs wait for a server that has some.
  std::vector<server_kind> kinds;
  std::unique_ptr<webhook_sender> webhooks;
  options opts;
  log_sink log;
};

/// What a server stands on.
struct foundation {
  std::shared_ptr<void> under;       ///< Let go of after all else.
  caf::actor_system* host = nullptr; ///< Null: the server makes one.
};

/// Recovers what was under way when the last server ended, registers the graphs
/// and starts the actors. Blocks until that is durable; only then may anybody
/// listen. Not to be called on a thread of `parts.threads`.
/// - `errc::bad_request`: two kinds serve graphs of the same name.
/// - `errc::invalid_argument`: the actor system of `where` cannot be used.
result<std::unique_ptr<server>> make_server(server_parts parts,
                                            foundation where = {});

} // namespace heddle
