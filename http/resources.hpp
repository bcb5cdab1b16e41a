#pragma once

#include "http/context.hpp"
#include "http/request.hpp"
#include "http/responder.hpp"

// The handlers of all routes, by resource, in the order of the API. What each
// answers is said where it is defined.

namespace heddle::http {

// -- assistants ---------------------------------------------------------------

void create_assistant(const request& req, context& ctx, responder respond);
void search_assistants(const request& req, context& ctx, responder respond);
void count_assistants(const request& req, context& ctx, responder respond);
void get_assistant(const request& req, context& ctx, responder respond);
void patch_assistant(const request& req, context& ctx, responder respond);
void delete_assistant(const request& req, context& ctx, responder respond);

// -- threads ------------------------------------------------------------------

void create_thread(const request& req, context& ctx, responder respond);
void search_threads(const request& req, context& ctx, responder respond);
void count_threads(const request& req, context& ctx, responder respond);
void get_thread(const request& req, context& ctx, responder respond);
void patch_thread(const request& req, context& ctx, responder respond);
void delete_thread(const request& req, context& ctx, responder respond);
void copy_thread(const request& req, context& ctx, responder respond);

// -- state --------------------------------------------------------------------

void get_state(const request& req, context& ctx, responder respond);
void update_state(const request& req, context& ctx, responder respond);
void get_state_at(const request& req, context& ctx, responder respond);
void post_state_at(const request& req, context& ctx, responder respond);
void get_history(const request& req, context& ctx, responder respond);
void post_history(const request& req, context& ctx, responder respond);

// -- runs of a thread ---------------------------------------------------------

void list_runs(const request& req, context& ctx, responder respond);
void create_run(const request& req, context& ctx, responder respond);
void stream_run(const request& req, context& ctx, responder respond);
void wait_run(const request& req, context& ctx, responder respond);
void get_run(const request& req, context& ctx, responder respond);
void delete_run(const request& req, context& ctx, responder respond);
void join_run(const request& req, context& ctx, responder respond);
void join_stream(const request& req, context& ctx, responder respond);
void cancel_run(const request& req, context& ctx, responder respond);

// -- stateless runs -----------------------------------------------------------

void create_stateless_run(const request& req, context& ctx, responder respond);
void stream_stateless_run(const request& req, context& ctx, responder respond);
void wait_stateless_run(const request& req, context& ctx, responder respond);
void create_run_batch(const request& req, context& ctx, responder respond);
void cancel_runs(const request& req, context& ctx, responder respond);

// -- system -------------------------------------------------------------------

void health(const request& req, context& ctx, responder respond);
void info(const request& req, context& ctx, responder respond);
void show_metrics(const request& req, context& ctx, responder respond);
void openapi(const request& req, context& ctx, responder respond);

/// 501: part of the API, not of this server yet.
void not_built(const request& req, context& ctx, responder respond);

} // namespace heddle::http
