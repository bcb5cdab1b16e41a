#pragma once

#include "heddle/assistant.hpp"
#include "heddle/json.hpp"
#include "heddle/requests.hpp"
#include "heddle/thread.hpp"

#include <optional>
#include <string>

namespace heddle::core {

/// What the server has chosen for a run.
struct run_place {
  run_id run;
  thread_id thread;
  bool stateless = false;
  std::string request; ///< The id of the HTTP request; empty: none.
};

/// A request to run, settled against the assistant and the thread it is for.
struct prepared_run {
  json_text kwargs;   ///< As the API shows it.
  json_text metadata; ///< Of the run, merged.
  /// What the thread is to have: for its row if that is new, or an update if
  /// `updates_thread`.
  json_text thread_metadata;
  json_text thread_config;
  bool updates_thread = false;
  bool temporary = false; ///< It goes, with its thread, when it is over.
  bool resumable = false;
  timestamp created; ///< As the API shows it; equals `due` if deferred.
  timestamp due;
};

/// Merges, in this order of rising weight: metadata of assistant, thread,
/// `config.metadata`, request; config of assistant, request; configurable of
/// assistant, thread, request, server; context of assistant, request. A thread
/// keeps the config of its runs, without what these brought as configurable;
/// in flight it keeps what it has. Payloads are taken over as text. Pure.
/// @param thread nothing if it does not exist yet.
prepared_run prepare_run(const run_create& what,
                         const assistant_record& assistant,
                         const std::optional<thread_record>& thread,
                         const run_place& place, timestamp now);

/// The graph that a thread's or a checkpoint's metadata name; empty: none.
std::string graph_of(const json_text& metadata);

} // namespace heddle::core
