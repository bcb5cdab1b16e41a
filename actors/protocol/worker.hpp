#pragma once

#include "store/rows.hpp"
#include "worker/worker.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// Messages and interfaces around the executors: the dispatcher, which has the
// slots; one worker actor per process; and whoever works in a slot.

namespace heddle::actors {

/// A write or read is done: the actor goes on with what it was for. `then` may
/// touch the actor's state: it only runs while that lives.
struct resume {
  std::function<void()> then;
};

// -- to whoever works in a slot -----------------------------------------------

/// What the worker said of one run or ask, in its order.
struct worker_reports {
  std::vector<worker::report> items;
};

/// The process is gone. Nothing of the run is left.
struct worker_lost {
  bool ordered = false; ///< It was killed on order, or told to exit.
  std::string why;
};

/// Works in a slot: a run, or a question to a graph.
using slot_client_actor
  = caf::typed_actor<caf::reacts_to<worker_reports>, // What was said.
                     caf::reacts_to<worker_lost>>;   // The last message.

// -- to a worker actor --------------------------------------------------------

/// From the channel: what one read brought.
struct reported {
  std::vector<std::pair<worker::run_no, worker::report>> batch;
};

/// From now on reports of `no` go to `client`.
struct assign {
  worker::run_no no = 0;
  slot_client_actor client;
};

/// The slot was given back. If the run in it was not reported clean, the
/// process cannot be trusted any more and is killed.
struct release {
  worker::run_no no = 0;
  bool clean = false;
};

/// A cancelled run does not stop: no new runs, neighbours move away.
struct quarantine {
  worker::run_no no = 0;
};

/// `why` is for the log.
struct kill_process {
  const char* why = "";
};

/// Ends the process when its last run has left it, or at the deadline.
struct retire_process {
  std::chrono::milliseconds deadline{0};
};

struct ping_tick {};

/// The way to the process that this actor stands for. Its first message but for
/// what the process says at once.
struct launched {
  std::shared_ptr<worker::channel> channel;
};

/// One per process: its life from launch to exit.
using worker_actor
  = caf::typed_actor<caf::reacts_to<reported>, caf::reacts_to<assign>,
                     caf::reacts_to<release>, caf::reacts_to<quarantine>,
                     caf::reacts_to<kill_process>,
                     caf::reacts_to<retire_process>, caf::reacts_to<ping_tick>,
                     caf::reacts_to<launched>>;

// -- slots --------------------------------------------------------------------

using worker_no = std::uint32_t;

struct slot;
/// The right to execute one thing in one process. Given back to the dispatcher
/// when the last copy goes, whatever happens to its holder.
using slot_ptr = std::shared_ptr<slot>;

// -- to the dispatcher --------------------------------------------------------

/// Every actor that it may tell of something stands: it launches its processes
/// and looks for runs.
struct begin {};

/// A run may start. A hint: the row decides.
struct ready_hint {
  ready_run run;
};

/// A deferred run is due then.
struct due_hint {
  timestamp when;
};

/// Something became ready, nobody knows what: look into the store.
struct refill {};

/// Asks for a slot now, for a run about to be created, or to wait for one (at
/// most until `deadline`). Answers null if there is none.
struct want_slot {
  std::function<void(slot_ptr)> take;
  std::optional<std::chrono::milliseconds> patience{}; ///< None: now or never.
};

/// The thread has dealt with an offer of this run.
struct offer_done {
  run_id run;
};

struct slot_freed {
  worker_no worker = 0;
  worker::run_no no = 0;
  bool clean = false;
};

/// A worker's news: it can take runs, it cannot (quarantined, blocked), or it
/// is gone.
struct worker_news {
  enum class kind : std::uint8_t { ready, closed, blocked, unblocked, gone };
  worker_no worker = 0;
  kind what = kind::ready;
  bool failed_to_start = false;
};

/// No more offers. `done` is let go of when every slot has been given back; at
/// `grace` the processes are killed.
struct halt {
  std::chrono::milliseconds grace{0};
  std::shared_ptr<void> done;
};

/// `halt`'s grace is over, or is cut short.
struct halt_now {};

struct get_workers {
  std::function<void(std::vector<std::pair<bool, std::size_t>>)> done;
};

struct relaunch {};
struct due_now {};
struct slot_wait_over {
  std::uint64_t ticket = 0;
};

/// One per kind of worker: free slots, the bounded window of ready runs.
using dispatcher_actor = caf::typed_actor<
  caf::reacts_to<begin>, caf::reacts_to<ready_hint>, caf::reacts_to<want_slot>,
  caf::reacts_to<slot_freed>, caf::reacts_to<offer_done>,
  caf::reacts_to<refill>, caf::reacts_to<due_hint>, caf::reacts_to<worker_news>,
  caf::reacts_to<slot_wait_over>, caf::reacts_to<relaunch>,
  caf::reacts_to<due_now>, caf::reacts_to<resume>, caf::reacts_to<get_workers>,
  caf::reacts_to<halt>, caf::reacts_to<halt_now>>;

struct slot {
  slot(dispatcher_actor owner, worker_no process, worker_actor actor,
       std::shared_ptr<worker::channel> way, worker::run_no number)
    : worker(process), no(number), process(std::move(actor)),
      channel(std::move(way)), owner_(std::move(owner)) {}

  ~slot();

  slot(const slot&) = delete;
  slot& operator=(const slot&) = delete;

  /// The run here was offered, or was not: whoever gave this wants to know.
  const dispatcher_actor& owner() const noexcept { return owner_; }

  /// Nothing of what ran here is left in the process.
  void mark_clean() noexcept { clean_ = true; }

  const worker_no worker;
  const worker::run_no no;
  const worker_actor process;
  const std::shared_ptr<worker::channel> channel;

private:
  dispatcher_actor owner_;
  std::atomic<bool> clean_ = false;
};

/// Gives up what is in the slot: alone, if its executor can do that; else with
/// its process. `why` is for the log.
void give_up(const slot& place, const char* why);

} // namespace heddle::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::worker_reports)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::worker_lost)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::reported)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::assign)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::release)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::quarantine)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::kill_process)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::retire_process)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::ping_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::launched)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::ready_hint)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::due_hint)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::begin)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::refill)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::want_slot)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::offer_done)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::slot_freed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::worker_news)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::halt)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::halt_now)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::get_workers)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::relaunch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::due_now)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::resume)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::slot_wait_over)
