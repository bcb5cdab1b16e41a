#pragma once

#include "heddle/http.hpp"
#include "heddle/server.hpp"
#include "http/cors.hpp"
#include "http/key_ring.hpp"
#include "http/metrics.hpp"
#include "http/openapi.hpp"
#include "http/router.hpp"
#include "runtime/runtime.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace heddle::http {

class session;

/// What all sessions of a front share. Read by all, except where said.
struct context {
  /// `openapi`: the document to serve, or empty. `table` must outlive it.
  context(runtime& rt, server& srv, http_options opts, key_ring keys,
          std::string openapi, std::span<const route> table);

  /// Tells the log of a field that the API does not know; once per name.
  void unknown_fields(const std::vector<std::string>& names);

  /// `why` as an answer; what must not be shown goes to the log.
  reply failure(const error& why) const;

  runtime& rt;
  server& srv;
  const http_options opts;
  const router routes;
  const cors_policy cors;
  const key_ring keys;
  openapi_document openapi;
  metrics counts;
  std::atomic<std::size_t> connections{0};
  std::atomic<bool> closing{false};

  /// The sessions of each shard; each entry is used on its shard only.
  std::vector<std::unordered_set<session*>> sessions;

private:
  std::mutex mutex_; ///< Guards what follows.
  std::unordered_set<std::string> unknown_;
};

/// The `date` header line of this second.
std::string_view http_date(timestamp now);

} // namespace heddle::http
