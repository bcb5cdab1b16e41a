#pragma once

#include "actors/protocol/worker.hpp"
#include "actors/reply.hpp"
#include "core/ladder.hpp"
#include "heddle/server.hpp"
#include "store/rows.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

// Messages and interfaces of threads and their runs.

namespace heddle::actors {

// -- to a thread: from outside ------------------------------------------------

struct create_run {
  run_id run;
  std::shared_ptr<const run_create> what;
  bool stateless = false;
  std::shared_ptr<run_reader> reader; ///< May be null.
  follow_options how;
  reply<server::created_run> done;
};

/// Cancels runs of this thread by id. The entries tell what was met; with
/// `answer_after::effect` they tell the end, once all are over.
struct cancel_runs {
  std::vector<run_id> runs;
  cancel_action action = cancel_action::interrupt;
  std::string reason;
  answer_after after = answer_after::intent;
  reply<std::vector<cancel_receipt::entry>> done;
};

struct delete_run {
  run_id run;
  reply<void> done;
};

struct delete_thread {
  reply<void> done;
};

struct follow_run {
  run_id run;
  std::shared_ptr<run_reader> reader;
  follow_options how;
  reply<follower> done;
};

struct leave_run {
  run_id run;
  std::uint64_t no = 0;
  bool disconnected = false;
};

/// A question that needs graph code; `update` needs the thread to be at rest.
struct ask_graph {
  std::string kind;
  json_text args;
  reply<json_text> done;
  /// Empty: the graph that the thread's runs have used last.
  std::string graph{};
};

/// Answers when none of these runs is in flight any more.
struct await_over {
  std::vector<run_id> runs;
  reply<void> done;
};

/// A bulk mark has been committed: look at the rows again.
struct recheck {};

/// The server stops: what executes moves to a checkpoint and is requeued.
struct shut_down {};

/// The server has stopped: readers are told so. The latch is let go of once the
/// thread has nothing under way any more.
struct close_thread {
  reply<void> latch;
};

// -- to a thread: from the house ----------------------------------------------

/// The dispatcher has a slot for a run that may start.
struct offer {
  run_id run;
  slot_ptr place;
};

/// Events of the attempt that executes, to be shown.
struct published {
  run_ref run;
  std::vector<event_ptr> events;
};

/// An attempt was left. Once per attempt.
struct attempt_over {
  run_ref run;
  core::attempt_end how = core::attempt_end::success;
  json_text error; ///< With `error`: `{"error","message"}`.
  event_id last_event;
};

/// Nothing of the attempt is left in any process. Once, after `attempt_over`.
struct attempt_silent {
  run_ref run;
};

/// A timer of the thread. `serial` tells an old one from the current one.
struct thread_timer {
  enum class kind : std::uint8_t { run_timeout, retry, adopt, look };
  kind what = kind::run_timeout;
  std::uint64_t serial = 0;
};

/// One per active thread: the only one that decides for its runs.
using thread_actor
  = caf::typed_actor<caf::reacts_to<published>, caf::reacts_to<resume>,
                     caf::reacts_to<create_run>, caf::reacts_to<cancel_runs>,
                     caf::reacts_to<offer>, caf::reacts_to<attempt_over>,
                     caf::reacts_to<attempt_silent>, caf::reacts_to<follow_run>,
                     caf::reacts_to<leave_run>, caf::reacts_to<await_over>,
                     caf::reacts_to<recheck>, caf::reacts_to<delete_run>,
                     caf::reacts_to<delete_thread>, caf::reacts_to<ask_graph>,
                     caf::reacts_to<thread_timer>, caf::reacts_to<shut_down>,
                     caf::reacts_to<close_thread>>;

// -- to a run -----------------------------------------------------------------

/// Someone wants this attempt stopped.
struct stop_attempt {
  core::stop_cause cause = core::stop_cause::interrupt;
  std::string reason;
};

/// Move on: stop at the next checkpoint.
struct drain_attempt {};

struct ladder_timer {
  bool grace = false; ///< Else half of it.
};

/// One per executing attempt of a run.
using run_actor = slot_client_actor::extend<
  caf::reacts_to<resume>, caf::reacts_to<stop_attempt>,
  caf::reacts_to<ladder_timer>, caf::reacts_to<drain_attempt>>;

} // namespace heddle::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::create_run)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::cancel_runs)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::delete_run)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::delete_thread)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::follow_run)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::leave_run)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::ask_graph)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::await_over)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::recheck)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::shut_down)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::close_thread)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::offer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::published)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::attempt_over)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::attempt_silent)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::thread_timer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::stop_attempt)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::drain_attempt)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::ladder_timer)
