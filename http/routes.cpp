#include "http/routes.hpp"

#include "http/resources.hpp"

namespace heddle::http {

namespace {

namespace table { // The verbs' names are words that others use too.

using enum boost::beast::http::verb; // By its own name: for clang 14.
using enum route_trait;

constexpr route all[] = {
  // Assistants
  {post, "/assistants", create_assistant},
  {post, "/assistants/search", search_assistants},
  {post, "/assistants/count", count_assistants},
  {get, "/assistants/{assistant_id}", get_assistant},
  {patch, "/assistants/{assistant_id}", patch_assistant},
  {delete_, "/assistants/{assistant_id}", delete_assistant},
  {get, "/assistants/{assistant_id}/graph", not_built},
  {get, "/assistants/{assistant_id}/subgraphs", not_built},
  {get, "/assistants/{assistant_id}/subgraphs/{namespace}", not_built},
  {get, "/assistants/{assistant_id}/schemas", not_built},
  {post, "/assistants/{assistant_id}/versions", not_built},
  {post, "/assistants/{assistant_id}/latest", not_built},

  // Threads
  {post, "/threads", create_thread},
  {post, "/threads/search", search_threads},
  {post, "/threads/count", count_threads},
  {post, "/threads/prune", not_built},
  {get, "/threads/{thread_id}", get_thread},
  {patch, "/threads/{thread_id}", patch_thread},
  {delete_, "/threads/{thread_id}", delete_thread},
  {post, "/threads/{thread_id}/copy", copy_thread},
  {get, "/threads/{thread_id}/state", get_state},
  {post, "/threads/{thread_id}/state", update_state},
  {get, "/threads/{thread_id}/state/{checkpoint_id}", get_state_at},
  {post, "/threads/{thread_id}/state/checkpoint", post_state_at},
  {get, "/threads/{thread_id}/history", get_history},
  {post, "/threads/{thread_id}/history", post_history},
  {get, "/threads/{thread_id}/storage", not_built},
  {get, "/threads/{thread_id}/stream", not_built},
  {post, "/threads/{thread_id}/stream/events", not_built},
  {get, "/threads/{thread_id}/stream/events", not_built},
  {post, "/threads/{thread_id}/commands", not_built},

  // Runs of a thread
  {get, "/threads/{thread_id}/runs", list_runs},
  {post, "/threads/{thread_id}/runs", create_run},
  {post, "/threads/{thread_id}/runs/crons", not_built},
  {post, "/threads/{thread_id}/runs/stream", stream_run},
  {post, "/threads/{thread_id}/runs/wait", wait_run},
  {get, "/threads/{thread_id}/runs/{run_id}", get_run},
  {delete_, "/threads/{thread_id}/runs/{run_id}", delete_run},
  {get, "/threads/{thread_id}/runs/{run_id}/join", join_run},
  {get, "/threads/{thread_id}/runs/{run_id}/stream", join_stream},
  {post, "/threads/{thread_id}/runs/{run_id}/cancel", cancel_run, reserved},

  // Stateless runs
  {post, "/runs", create_stateless_run},
  {post, "/runs/stream", stream_stateless_run},
  {post, "/runs/wait", wait_stateless_run},
  {post, "/runs/batch", create_run_batch},
  {post, "/runs/cancel", cancel_runs, reserved},

  // Crons
  {post, "/runs/crons", not_built},
  {post, "/runs/crons/search", not_built},
  {post, "/runs/crons/count", not_built},
  {get, "/runs/crons/{cron_id}", not_built},
  {patch, "/runs/crons/{cron_id}", not_built},
  {delete_, "/runs/crons/{cron_id}", not_built},

  // The long-term store
  {put, "/store/items", not_built},
  {get, "/store/items", not_built},
  {delete_, "/store/items", not_built},
  {post, "/store/items/search", not_built},
  {post, "/store/namespaces", not_built},

  // Other protocols
  {post, "/mcp", not_built},
  {get, "/mcp", not_built},
  {delete_, "/mcp", not_built},
  {post, "/a2a/{assistant_id}", not_built},
  {get, "/a2a/{assistant_id}", not_built},
  {get, "/a2a/{assistant_id}/.well-known/*", not_built},
  {get, "/.well-known/agent-card.json", not_built},
  {get, "/ui/*", not_built},
  {post, "/ui/*", not_built},

  // System
  {get, "/", health, meta | reserved | always},
  {get, "/ok", health, meta | open | reserved | always},
  {get, "/info", info, meta},
  {get, "/metrics", show_metrics, meta | reserved | always},
  {get, "/openapi.json", openapi, meta},
  {get, "/docs", not_built, meta},
};

} // namespace table

} // namespace

std::span<const route> routes() {
  return table::all;
}

bool is_built(const route& r) noexcept {
  return r.run != not_built;
}

} // namespace heddle::http
