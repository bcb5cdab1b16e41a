#pragma once

#include "heddle/error.hpp"
#include "heddle/graph_node.hpp"
#include "heddle/json.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace heddle::graph {

/// Names a task of one run: unique within the run's life.
using task_no = std::uint32_t;

/// Answers an ask of the long-term store: a JSON array, one element per
/// operation.
using store_reply = std::function<void(result<json_text>)>;

/// An error as the API shows it.
struct told_error {
  std::string name;
  std::string text;
};

/// How a node's run went.
struct outcome {
  enum class kind : std::uint8_t { done, interrupted, failed, cancelled };

  kind how = kind::done;
  command update;                 ///< With `done`, branches taken included.
  std::vector<target> routed;     ///< With `done`: what its branches said.
  json_text question;             ///< With `interrupted`.
  told_error error;               ///< With `failed`.
  std::vector<json_text> answers; ///< The answers it has been given so far.
};

} // namespace heddle::graph
