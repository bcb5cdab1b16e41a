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

namespace heddle {

/// What a server is made of.
struct server_parts {
  runtime& threads; ///< Outlives the server.
  std::unique_ptr<store> rows;
  std::unique_ptr<worker::launcher> workers;
  std::unique_ptr<webhook_sender> webhooks;
  options opts;
  std::vector<std::string> graph_ids; ///< As the configuration names them.
  log_sink log;
};

/// Recovers what was under way when the last server ended, registers the graphs
/// and starts the actors. Blocks until that is durable; only then may anybody
/// listen. Not to be called on a thread of `parts.threads`.
result<std::unique_ptr<server>> make_server(server_parts parts);

} // namespace heddle
