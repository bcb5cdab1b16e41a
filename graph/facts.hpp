#pragma once

#include "graph/message_stream.hpp"
#include "graph/plan.hpp"
#include "graph/randomness.hpp"
#include "heddle/json.hpp"
#include "worker/worker.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace heddle::graph {

/// Which streams a run's client asked for.
struct stream_modes {
  bool values = false;
  bool updates = false;
  bool custom = false;
  bool messages = false;       ///< In either form.
  bool messages_tuple = false; ///< `messages-tuple`; else the older form.
};

/// What is fixed of a run, shared by its machine and its nodes.
struct run_facts {
  std::shared_ptr<const plan> graph;
  std::shared_ptr<randomness> chance;
  thread_id thread;
  run_id run;
  json_text config;  ///< An object, or empty.
  json_text context; ///< Empty: none.
  /// Members of an object, without its braces: of the run's metadata and of the
  /// scalars in its configurable; the second without what names the thread.
  std::string metadata;
  std::string checkpoint_metadata;
  stream_modes modes;
  bool temporary = false;
  /// Only with `modes.messages`.
  std::unique_ptr<message_stream> stream;

  /// A member of the config's object `of`.
  json_text config_member(std::string_view of, std::string_view name) const;
};

/// @param kwargs the run's, as the API shows them.
std::shared_ptr<run_facts> make_facts(const compiled& graph,
                                      const worker::start& order,
                                      std::shared_ptr<randomness> chance);

} // namespace heddle::graph
