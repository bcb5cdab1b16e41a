#include "actors/dispatcher.hpp"

#include "actors/directory.hpp"
#include "actors/shell.hpp"
#include "actors/worker.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace heddle::actors {

namespace {

/// Sends `msg` to a dispatcher that may be gone, when the timer fires.
template <class Message>
std::function<void()> later(const dispatcher_actor& to, Message msg) {
  auto weak = caf::actor_cast<caf::weak_actor_ptr>(to);
  return [weak, msg] {
    if (auto strong = weak.lock())
      caf::anon_send(caf::actor_cast<dispatcher_actor>(strong), msg);
  };
}

} // namespace

void give_up(const slot& place, const char* why) {
  if (place.channel->abandons())
    place.channel->abandon(place.no);
  else
    caf::anon_send(place.process, kill_process{why});
}

slot::~slot() {
  caf::anon_send(owner_, slot_freed{worker, no, clean_});
}

dispatcher_state::~dispatcher_state() {
  if (!env_)
    return;
  for (auto timer : {due_timer_, relaunch_timer_, halt_timer_})
    env_->timers.cancel(timer);
  for (auto& waiting : waiters_) {
    env_->timers.cancel(waiting.timer);
    waiting.take(nullptr);
  }
}

template <class Body>
void dispatcher_state::safely(Body&& body) {
  guarded(env_->log, name, std::forward<Body>(body), [] {
    // It goes on: without a dispatcher nothing would ever start again.
  });
}

dispatcher_actor::behavior_type
dispatcher_state::make_behavior(environment_ptr env, const worker_kind* kind,
                                graph_filter graphs) {
  env_ = env;
  kind_ = kind;
  graphs_ = std::move(graphs);
  return {
    [this](begin) {
      safely([&] {
        launch_missing();
        window_.more();
        read_ready();
      });
    },
    [this](const ready_hint& msg) {
      safely([&] {
        window_.hint(msg.run);
        serve();
      });
    },
    [this](const want_slot& msg) { safely([&] { on_want(msg); }); },
    [this](const slot_freed& msg) { safely([&] { on_freed(msg); }); },
    [this](const offer_done& msg) { window_.settle(msg.run); },
    [this](refill) {
      safely([&] {
        window_.more();
        serve();
      });
    },
    [this](const due_hint& msg) { safely([&] { arm_due(msg.when); }); },
    [this](const worker_news& msg) { safely([&] { on_news(msg); }); },
    [this](const slot_wait_over& msg) { on_wait_over(msg.ticket); },
    [this](relaunch) {
      relaunch_timer_ = 0;
      safely([&] {
        launch_missing();
        serve(); // A run may wait for a process of its own.
      });
    },
    [this](due_now) {
      safely([&] {
        due_.reset();
        due_timer_ = 0;
        window_.more();
        read_ready();
      });
    },
    [this](const resume& msg) { safely(msg.then); },
    [this](const get_workers& msg) {
      std::vector<std::pair<bool, std::size_t>> result;
      for (const auto& [no, at] : processes_)
        result.emplace_back(at.ready && !at.closed, at.used);
      msg.done(std::move(result));
    },
    [this](const halt& msg) { safely([&] { on_halt(msg); }); },
    [this](halt_now) { safely([&] { on_halt_now(); }); },
  };
}

// -- processes ----------------------------------------------------------------

void dispatcher_state::launch(bool alone) {
  auto no = ++last_worker_;
  auto [actor, channel] = spawn_worker(self_->system(), *env_, kind_->launcher,
                                       dispatcher_actor{self_}, no);
  auto& entry = processes_[no];
  entry.actor = std::move(actor);
  entry.channel = std::move(channel);
  entry.alone = alone;
}

void dispatcher_state::launch_missing() {
  if (halting_)
    return;
  auto have = static_cast<std::size_t>(std::ranges::count_if(
    processes_, [](const auto& at) { return !at.second.alone; }));
  for (; have < kind_->workers; ++have)
    launch(false);
}

void dispatcher_state::on_news(const worker_news& msg) {
  auto at = processes_.find(msg.worker);
  if (at == processes_.end())
    return;
  switch (msg.what) {
    case worker_news::kind::ready:
      at->second.ready = true;
      at->second.closed = false;
      relaunch_delay_ = relaunch_first;
      break;
    case worker_news::kind::closed: at->second.closed = true; break;
    case worker_news::kind::blocked: at->second.blocked = true; return;
    case worker_news::kind::unblocked: at->second.blocked = false; break;
    case worker_news::kind::gone:
      return on_gone(msg.worker, msg.failed_to_start);
  }
  serve();
}

/// Started again at once, unless it could not even start: then with back-off.
void dispatcher_state::on_gone(worker_no no, bool failed_to_start) {
  processes_.erase(no);
  if (failed_to_start) {
    if (relaunch_timer_ == 0)
      relaunch_timer_ = env_->timers.after(
        relaunch_delay_, later(dispatcher_actor{self_}, relaunch{}));
    relaunch_delay_ = std::min(relaunch_delay_ * 2, relaunch_last);
  } else {
    launch_missing();
  }
  finish_halt();
  if (!failed_to_start)
    serve(); // A run may wait for a process of its own.
}

// -- slots --------------------------------------------------------------------

slot_ptr dispatcher_state::take_slot(bool alone) {
  auto capacity = alone ? 1 : kind_->jobs_per_worker;
  auto best = processes_.end();
  for (auto at = processes_.begin(); at != processes_.end(); ++at) {
    const auto& p = at->second;
    if (p.alone == alone && p.ready && !p.closed && !p.blocked
        && p.used < capacity
        && (best == processes_.end() || p.used < best->second.used))
      best = at;
  }
  if (best == processes_.end())
    return nullptr;
  auto& [no, p] = *best;
  ++p.used;
  return std::make_shared<slot>(dispatcher_actor{self_}, no, p.actor, p.channel,
                                ++p.last_no);
}

void dispatcher_state::on_freed(const slot_freed& msg) {
  auto at = processes_.find(msg.worker);
  if (at != processes_.end()) {
    --at->second.used;
    caf::anon_send(at->second.actor, release{msg.no, msg.clean});
    if (at->second.alone) { // Its one run is over.
      at->second.closed = true;
      caf::anon_send(at->second.actor, retire_process{env_->opts.stop_grace});
    }
  }
  finish_halt();
  serve();
}

void dispatcher_state::on_want(const want_slot& msg) {
  auto place = halting_ ? nullptr : take_slot(false);
  // Whoever waits already comes first.
  if (place || !msg.patience || halting_ || waiters_.size() >= waiters_max)
    return msg.take(std::move(place));
  auto ticket = ++last_ticket_;
  auto timer = env_->timers.after(
    *msg.patience, later(dispatcher_actor{self_}, slot_wait_over{ticket}));
  waiters_.push_back({ticket, msg.take, timer});
}

void dispatcher_state::on_wait_over(std::uint64_t ticket) {
  auto at = std::ranges::find(waiters_, ticket, &waiter::ticket);
  if (at == waiters_.end())
    return;
  auto take = std::move(at->take);
  waiters_.erase(at);
  take(nullptr);
}

// -- runs ---------------------------------------------------------------------

void dispatcher_state::serve() {
  if (halting_)
    return;
  while (serve_waiter() || serve_run()) {
    // Until there is no slot or nobody waits.
  }
  if (window_.wants_fill())
    read_ready();
}

bool dispatcher_state::serve_waiter() {
  if (waiters_.empty())
    return false;
  auto place = take_slot(false);
  if (!place)
    return false;
  auto next = std::move(waiters_.front());
  waiters_.pop_front();
  env_->timers.cancel(next.timer);
  next.take(std::move(place));
  return true;
}

bool dispatcher_state::serve_run() {
  if (window_.has(true)) {
    if (auto place = take_slot(true)) {
      offer_run(*window_.pop(true), std::move(place));
      return true;
    }
    auto alone = static_cast<std::size_t>(
      std::ranges::count_if(processes_, [](const auto& at) {
        return at.second.alone && !at.second.closed;
      }));
    if (kind_->workers > 0 && alone < alone_max && relaunch_timer_ == 0)
      launch(true);
  }
  if (!window_.has(false))
    return false;
  auto place = take_slot(false);
  if (!place)
    return false;
  offer_run(*window_.pop(false), std::move(place));
  return true;
}

void dispatcher_state::offer_run(const ready_run& run, slot_ptr place) {
  env_->threads->tell(run.thread, offer{run.run, std::move(place)});
}

/// Reads what is ready and when the next deferred run will be.
void dispatcher_state::read_ready() {
  if (std::exchange(reading_, true))
    return;
  struct found {
    std::vector<ready_run> runs;
    std::optional<timestamp> due;
  };
  auto limit = window_.fill_size();
  window_.begin_fill();
  read(
    env_->rows,
    [now = env_->clock.now(), limit, graphs = graphs_](read_tx& tx) {
      return found{tx.ready_runs(now, {}, limit, graphs), tx.next_due(now)};
    },
    [this, limit, me = dispatcher_actor{self_}](result<found> got) {
      caf::anon_send(me, resume{[this, limit, got] {
                       reading_ = false;
                       if (got.has_error())
                         return read_failed();
                       window_.fill(got->runs, got->runs.size() < limit);
                       if (got->due)
                         arm_due(*got->due);
                       serve();
                     }});
    });
}

/// Full, say: looks again after a pause.
void dispatcher_state::read_failed() {
  constexpr std::chrono::seconds pause{1};
  window_.fail_fill();
  env_->timers.after(pause, later(dispatcher_actor{self_}, refill{}));
}

void dispatcher_state::arm_due(timestamp when) {
  if (due_ && *due_ <= when)
    return;
  env_->timers.cancel(std::exchange(due_timer_, 0));
  due_ = when;
  auto wait = timer_until(when, env_->clock.now());
  auto me = dispatcher_actor{self_};
  due_timer_ = env_->timers.after(wait, later(me, due_now{}));
}

// -- the end ------------------------------------------------------------------

void dispatcher_state::on_halt(const halt& msg) {
  halting_ = true;
  halted_ = msg.done;
  window_.clear();
  for (auto& waiting : std::exchange(waiters_, {})) {
    env_->timers.cancel(waiting.timer);
    waiting.take(nullptr);
  }
  halt_timer_
    = env_->timers.after(msg.grace, later(dispatcher_actor{self_}, halt_now{}));
  finish_halt();
}

void dispatcher_state::on_halt_now() {
  if (!halting_)
    return;
  for (auto& [no, at] : processes_)
    caf::anon_send(at.actor, kill_process{"the server stops"});
}

/// Halted once no slot is held; then the processes go too.
void dispatcher_state::finish_halt() {
  if (!halting_ || halted_.use_count() == 0) // A latch points to nothing.
    return;
  if (std::ranges::any_of(processes_,
                          [](const auto& at) { return at.second.used > 0; }))
    return;
  env_->timers.cancel(std::exchange(halt_timer_, 0));
  for (auto& [no, at] : processes_)
    caf::anon_send(at.actor, kill_process{"the server stops"});
  halted_.reset();
}

dispatcher_actor spawn_dispatcher(caf::actor_system& sys, environment& env,
                                  const worker_kind& kind, kind_no no) {
  return sys.spawn(
    [](dispatcher_actor::stateful_pointer<dispatcher_state> self,
       environment_ptr where, const worker_kind* what, graph_filter graphs) {
      return self->state.make_behavior(where, what, std::move(graphs));
    },
    env.ptr(), &kind, env.graphs.filter(no));
}

} // namespace heddle::actors
