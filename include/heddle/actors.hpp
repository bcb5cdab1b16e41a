#pragma once

#include "heddle/error.hpp"
#include "heddle/server.hpp"

#include <caf/actor_system.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/error.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <optional>
#include <vector>

// The server as CAF actors (0.17): the one header of Heddle that includes CAF.
//
//     auto srv = heddle::server_actor(*opened);
//     self->request(srv, 5s, heddle::msg::create_run{thread, what})
//       .then([=](heddle::msg::created_run made) { self->monitor(made.handle);
//       ...
//
// A failed request answers a `caf::error`: `heddle::from_caf` tells which
// `errc` it is. Messages stay in this process, so none is serialized.
//
// In which actor system: see `open_options::host`. One that the server makes
// runs on the server's own OS threads, so handlers must not block there.
// There, handles and your own actors go before the server does. In a system of
// yours handles may outlive it; requests to them fail then.

namespace heddle::inline v0 {

namespace msg {

/// The answer of what has nothing to tell.
struct done {};

// -- to a server: the operations of `heddle::server` under their names --------

/// `server::create_assistant`
struct create_assistant {
  using answer = assistant_record;
  assistant_create what;
};
/// `server::get_assistant`
struct get_assistant {
  using answer = assistant_record;
  assistant_id assistant;
};
/// One more than the limit is read, to tell whether there is another page.
struct search_assistants {
  using answer = std::vector<assistant_record>;
  assistant_query what;
};
/// `server::patch_assistant`
struct patch_assistant {
  using answer = assistant_record;
  assistant_id assistant;
  assistant_patch what;
};
/// With `threads`, also deletes the threads whose metadata name it.
struct delete_assistant {
  using answer = done;
  assistant_id assistant;
  bool threads = false;
};

/// `server::create_thread`
struct create_thread {
  using answer = thread_record;
  thread_create what;
};
/// `server::get_thread`
struct get_thread {
  using answer = thread_record;
  thread_id thread;
};
/// `server::patch_thread`
struct patch_thread {
  using answer = thread_record;
  thread_id thread;
  thread_patch what;
};
/// `server::delete_thread`
struct delete_thread {
  using answer = done;
  thread_id thread;
};
/// One more than the limit is read.
struct search_threads {
  using answer = std::vector<thread_record>;
  thread_query what;
};
/// `server::copy_thread`
struct copy_thread {
  using answer = thread_record;
  thread_id thread;
};
/// A ThreadState as JSON.
struct get_state {
  using answer = json_text;
  thread_id thread;
  state_get what;
};
/// An array of ThreadState as JSON, newest first.
struct get_history {
  using answer = json_text;
  thread_id thread;
  history_search what;
};
/// `errc::conflict` while a run is in flight.
struct update_state {
  using answer = json_text;
  thread_id thread;
  state_update what;
};

struct created_run;
/// Without a thread: stateless, on one of its own.
struct create_run {
  using answer = created_run;
  std::optional<thread_id> thread;
  run_create what;
};
/// `server::get_run`
struct get_run {
  using answer = run_record;
  thread_id thread;
  run_id run;
};
/// `server::list_runs`
struct list_runs {
  using answer = std::vector<run_record>;
  run_query what;
};
/// `server::delete_run`
struct delete_run {
  using answer = done;
  thread_id thread;
  run_id run;
};
/// One, many, or all by status: see `server::cancel`.
struct cancel_runs {
  using answer = cancel_receipt;
  cancel_request what;
};

// -- to a run -----------------------------------------------------------------

/// The run as it is now.
struct get_record {
  using answer = run_record;
};
/// Cancels this run; answers after the commit that `after` names.
/// `errc::not_found`: it is over, or was never there.
struct cancel {
  using answer = cancel_receipt;
  cancel_action action = cancel_action::interrupt;
  answer_after after = answer_after::intent;
};

/// What a run emitted, in order; never empty.
struct run_events {
  run_id run;
  std::vector<event_ptr> events;
};
/// Nothing more comes from the subscription.
struct run_ended {
  run_id run;
  end_reason why = end_reason::over;
  /// With `end_reason::over`. None: the run is gone, rolled back or deleted.
  std::optional<run_status> status;
};

} // namespace msg

/// Who hears the events of a run. It gets the next `run_events` when it has
/// handled the last. If it dies, or does not handle one within half a minute,
/// or `unread_bytes_max` wait for it, it is dropped; in the last case it hears
/// `run_ended` with `end_reason::overrun` after what waited.
using run_subscriber = caf::typed_actor<caf::reacts_to<msg::run_events>,
                                        caf::reacts_to<msg::run_ended>>;

namespace msg {

/// Sends the events of the run to `to`, as `how` says, and its end. Answers
/// when the place is taken; of a run that is not there (any more), `run_ended`
/// says so. `errc::invalid_argument`: `to` is nobody.
struct subscribe {
  using answer = done;
  run_subscriber to;
  follow_options how;
  std::size_t unread_bytes_max = 1U << 20U;
};

} // namespace msg

namespace detail {

template <class... Messages>
using answering = caf::typed_actor<typename caf::replies_to<
  Messages>::template with<typename Messages::answer>...>;

} // namespace detail

/// A run. It ends when the run is over and its subscribers have heard all, with
/// a reason that `run_outcome` reads: so who monitors it learns how the run
/// ended. Who monitors or subscribed need not keep it, and the run goes on
/// without.
using run_handle
  = detail::answering<msg::get_record, msg::cancel, msg::subscribe>;

namespace msg {

/// A run that was created, and its handle.
struct created_run {
  run_record run;
  run_handle handle;
};

/// A handle for a run that there is.
struct open_run {
  using answer = run_handle;
  thread_id thread;
  run_id run;
};

} // namespace msg

/// A server.
using server_handle = detail::answering<
  msg::cancel_runs, msg::create_run, msg::get_run, msg::open_run,
  msg::list_runs, msg::delete_run, msg::create_thread, msg::get_thread,
  msg::get_state, msg::get_history, msg::update_state, msg::patch_thread,
  msg::delete_thread, msg::search_threads, msg::copy_thread,
  msg::create_assistant, msg::get_assistant, msg::search_assistants,
  msg::patch_assistant, msg::delete_assistant>;

namespace msg {

// -- to a thread: the same without its id -------------------------------------

/// The thread as it is now.
struct read_thread {
  using answer = thread_record;
};
/// `server::get_state`
struct read_state {
  using answer = json_text;
  state_get what;
};
/// `server::update_state`
struct write_state {
  using answer = json_text;
  state_update what;
};
/// `server::create_run`
struct start_run {
  using answer = created_run;
  run_create what;
};
/// Cancels runs of the thread. `errc::not_found`: none is there, or all are
/// over.
struct cancel_some {
  using answer = cancel_receipt;
  std::vector<run_id> runs;
  cancel_action action = cancel_action::interrupt;
  answer_after after = answer_after::intent;
};
/// Deletes the thread; answers when it is absent to all readers.
struct remove_thread {
  using answer = done;
};

} // namespace msg

/// A thread (a conversation). Needs nothing of the server while nobody asks.
using thread_handle
  = detail::answering<msg::start_run, msg::cancel_some, msg::read_thread,
                      msg::read_state, msg::write_state, msg::remove_thread>;

/// The system that the actors of a server are in: yours, or the one that it
/// made. Actors that you spawn into the latter must have ended before the
/// server goes. Any thread.
caf::actor_system& actor_system_of(server& srv);

/// Actors for a server, and for one of its threads, whether that exists or not.
/// They end before the server does. Any thread.
server_handle server_actor(server& srv);
thread_handle thread_actor(server& srv, const thread_id& thread);

/// What a failed request or the end of a `run_handle` means. CAF's own errors
/// are `errc::unavailable` where nobody answered, else `errc::internal`.
error from_caf(const caf::actor_system& sys, const caf::error& why);

/// How a run ended, of the reason in the `caf::down_msg` of its handle. None:
/// it is gone (rolled back or deleted), or the server stopped, see `from_caf`.
std::optional<run_status> run_outcome(const caf::error& reason);

} // namespace heddle::inline v0

#define HEDDLE_ALLOW(name) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::msg::name)

HEDDLE_ALLOW(done)
HEDDLE_ALLOW(create_assistant)
HEDDLE_ALLOW(get_assistant)
HEDDLE_ALLOW(search_assistants)
HEDDLE_ALLOW(patch_assistant)
HEDDLE_ALLOW(delete_assistant)
HEDDLE_ALLOW(create_thread)
HEDDLE_ALLOW(get_thread)
HEDDLE_ALLOW(patch_thread)
HEDDLE_ALLOW(delete_thread)
HEDDLE_ALLOW(search_threads)
HEDDLE_ALLOW(copy_thread)
HEDDLE_ALLOW(get_state)
HEDDLE_ALLOW(get_history)
HEDDLE_ALLOW(update_state)
HEDDLE_ALLOW(create_run)
HEDDLE_ALLOW(created_run)
HEDDLE_ALLOW(open_run)
HEDDLE_ALLOW(get_run)
HEDDLE_ALLOW(list_runs)
HEDDLE_ALLOW(delete_run)
HEDDLE_ALLOW(cancel_runs)
HEDDLE_ALLOW(get_record)
HEDDLE_ALLOW(cancel)
HEDDLE_ALLOW(subscribe)
HEDDLE_ALLOW(run_events)
HEDDLE_ALLOW(run_ended)
HEDDLE_ALLOW(read_thread)
HEDDLE_ALLOW(read_state)
HEDDLE_ALLOW(write_state)
HEDDLE_ALLOW(start_run)
HEDDLE_ALLOW(cancel_some)
HEDDLE_ALLOW(remove_thread)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::thread_record)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::run_record)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::assistant_record)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::cancel_receipt)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::json_text)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<heddle::thread_record>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<heddle::run_record>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<heddle::assistant_record>)

#undef HEDDLE_ALLOW
