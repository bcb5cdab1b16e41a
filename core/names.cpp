#include "heddle/requests.hpp"
#include "heddle/run.hpp"
#include "heddle/thread.hpp"

// The words of the API for our enums.

namespace heddle::inline v0 {

std::string_view to_string(run_status s) noexcept {
  switch (s) {
    case run_status::pending: return "pending";
    case run_status::running: return "running";
    case run_status::success: return "success";
    case run_status::error: return "error";
    case run_status::timeout: return "timeout";
    case run_status::interrupted: return "interrupted";
  }
  return "invalid";
}

std::string_view to_string(cancel_action a) noexcept {
  return a == cancel_action::rollback ? "rollback" : "interrupt";
}

std::string_view to_string(multitask_strategy s) noexcept {
  switch (s) {
    case multitask_strategy::reject: return "reject";
    case multitask_strategy::enqueue: return "enqueue";
    case multitask_strategy::interrupt: return "interrupt";
    case multitask_strategy::rollback: return "rollback";
  }
  return "invalid";
}

std::string_view to_string(durability d) noexcept {
  switch (d) {
    case durability::sync: return "sync";
    case durability::async: return "async";
    case durability::exit: return "exit";
  }
  return "invalid";
}

std::string_view to_string(thread_status s) noexcept {
  switch (s) {
    case thread_status::idle: return "idle";
    case thread_status::busy: return "busy";
    case thread_status::interrupted: return "interrupted";
    case thread_status::error: return "error";
  }
  return "invalid";
}

std::optional<run_status> parse_run_status(std::string_view text) noexcept {
  for (auto s :
       {run_status::pending, run_status::running, run_status::success,
        run_status::error, run_status::timeout, run_status::interrupted}) {
    if (text == to_string(s))
      return s;
  }
  return std::nullopt;
}

std::optional<thread_status>
parse_thread_status(std::string_view text) noexcept {
  for (auto s : {thread_status::idle, thread_status::busy,
                 thread_status::interrupted, thread_status::error}) {
    if (text == to_string(s))
      return s;
  }
  return std::nullopt;
}

cancel_action parse_cancel_action(std::string_view text) noexcept {
  return text == "rollback" ? cancel_action::rollback
                            : cancel_action::interrupt;
}

} // namespace heddle::inline v0
