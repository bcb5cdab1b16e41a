#pragma once

#include "actors/dispatchers.hpp"
#include "heddle/server.hpp"
#include "store/rows.hpp"
#include "worker/worker.hpp"

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::actors {

/// What is known of the graphs that the configuration names, and which kind of
/// worker serves each. Any thread.
class graph_registry {
public:
  /// The graphs of each kind. No id twice: see `served_twice`.
  explicit graph_registry(std::vector<std::vector<std::string>> kinds);

  /// The kind that serves the graph.
  kind_no kind_of(std::string_view graph) const;

  /// Whose runs that kind executes. The first one has also those of graphs that
  /// nobody names any more.
  graph_filter filter(kind_no kind) const;

  /// The kind that a run of an assistant will need, by what was seen of it: a
  /// graph's name, or an assistant's id.
  kind_no likely_kind(const std::string& assistant) const;

  /// An assistant is of that graph.
  void learn(const assistant_id& assistant, const std::string& graph);

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
  static constexpr std::size_t assistants_max = 10'000;

  const std::vector<std::vector<std::string>> kinds_;
  mutable std::mutex mutex_; // Guards what follows.
  std::vector<graph_status> graphs_;
  std::map<assistant_id, kind_no> assistants_; // Where there is a choice.
};

/// The first graph that two of the kinds serve.
std::optional<std::string>
served_twice(const std::vector<std::vector<std::string>>& kinds);

} // namespace heddle::actors
