#pragma once

#include "heddle/server.hpp"
#include "worker/worker.hpp"

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::actors {

/// What is known of the graphs that the configuration names. Any thread.
class graph_registry {
public:
  explicit graph_registry(std::vector<std::string> ids);

  /// Takes over what a worker said of the graphs it loaded.
  void learn(const std::vector<worker::graph_info>& graphs);

  /// In the order of the configuration.
  std::vector<graph_status> all() const;

  std::vector<std::string> ids() const;

  bool knows(std::string_view id) const;

  /// `errc::not_found`: there is no such graph, and these there are.
  error not_found(const std::string& id) const;

  /// Why the graph cannot run; nothing if it can, or if nobody tried yet.
  std::optional<std::string> problem(std::string_view id) const;

private:
  mutable std::mutex mutex_; // Guards `graphs_`.
  std::vector<graph_status> graphs_;
};

} // namespace heddle::actors
