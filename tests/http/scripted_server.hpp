#pragma once

#include "heddle/server.hpp"

#include <atomic>
#include <functional>
#include <memory>

namespace heddle::test {

/// What the server behind the HTTP side says in a test. This tier links its own
/// members of `heddle::server`; what a test does not set answers
/// `errc::internal`, so that a request that should not get there is seen.
struct script {
  std::atomic<bool> accepting{true};
  options settings;
  std::vector<graph_status> graphs;

  std::function<void(server::callback<metrics_snapshot>)> metrics;

  std::function<void(assistant_query,
                     server::callback<std::vector<assistant_record>>)>
    search_assistants;
  std::function<void(assistant_id, bool, server::callback<void>)>
    delete_assistant;

  std::function<void(thread_create, server::callback<thread_record>)>
    create_thread;
  std::function<void(thread_id, server::callback<thread_record>)> get_thread;
  std::function<void(thread_patch, server::callback<thread_record>)>
    patch_thread;
  std::function<void(thread_id, server::callback<void>)> delete_thread;
  std::function<void(state_get, server::callback<json_text>)> get_state;
  std::function<void(history_search, server::callback<json_text>)> get_history;

  std::function<void(std::optional<thread_id>, run_create,
                     std::shared_ptr<run_reader>, follow_options,
                     server::callback<server::created_run>)>
    create_run;
  std::function<void(run_query, server::callback<std::vector<run_record>>)>
    list_runs;
  std::function<void(run_id, server::callback<run_record>)> get_run;
  std::function<void(std::shared_ptr<run_reader>, follow_options,
                     server::callback<follower>)>
    follow_run;
  std::function<void(follower, bool)> leave;
  std::function<void(cancel_request, server::callback<cancel_receipt>)> cancel;
};

/// A server that follows `lines`, which must outlive it.
std::unique_ptr<server> make_server(script& lines);

} // namespace heddle::test
