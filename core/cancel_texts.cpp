#include "core/cancel_texts.hpp"

namespace heddle::core {

namespace {

/// Names the route as a template, not the path that was called.
std::string requested(cancel_action action, std::string_view route) {
  std::string text{to_string(action)};
  text += " requested via ";
  text += route;
  return text;
}

} // namespace

std::string cancel_reason(const cancel_cause& cause, cancel_action action) {
  std::string prefix = cause.taken ? "taken:" : "";
  switch (cause.what) {
    case cancel_cause::kind::run_route:
      return prefix
             + requested(action,
                         "POST /threads/{thread_id}/runs/{run_id}/cancel");
    case cancel_cause::kind::bulk_route:
      return prefix + requested(action, "POST /runs/cancel");
    case cancel_cause::kind::disconnect: break;
  }
  return prefix
         + "client disconnected from the run stream (on_disconnect=cancel)";
}

std::string superseded_reason(const run_id& by, cancel_action action) {
  return "superseded by run " + by.str()
         + " (multitask_strategy=" + std::string{to_string(action)} + ')';
}

std::string assistant_deleted_reason() {
  return requested(cancel_action::interrupt,
                   "DELETE /assistants/{assistant_id}");
}

std::string run_deleted_reason() {
  return requested(cancel_action::rollback,
                   "DELETE /threads/{thread_id}/runs/{run_id}");
}

std::string thread_deleted_reason() {
  return requested(cancel_action::rollback, "DELETE /threads/{thread_id}");
}

error no_runs_found() {
  return {errc::not_found, "No runs found to cancel."};
}

error no_matching_runs() {
  return {errc::not_found,
          "No matching runs to cancel. Please verify the thread ID and run IDs "
          "are correct, and the runs haven't been deleted or completed."};
}

} // namespace heddle::core
