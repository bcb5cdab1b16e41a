#include "actors/run.hpp"

#include "actors/event_ids.hpp"
#include "actors/shell.hpp"
#include "core/error_json.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <utility>

namespace heddle::actors {

run_state::~run_state() {
  disarm();
}

template <class Body>
void run_state::safely(Body&& body) {
  guarded(env_->log, name, std::forward<Body>(body), [this] { die(); });
}

/// After a bug: the process is not trusted with what it runs, and the thread
/// hears that the attempt was lost.
void run_state::die() {
  if (attempt_.place)
    give_up(*attempt_.place, "its run's actor died");
  if (!reported_)
    caf::anon_send(owner_, attempt_over{ref_, core::attempt_end::lost, {}, {}});
  caf::anon_send(owner_, attempt_silent{ref_});
  self_->quit(caf::exit_reason::unhandled_exception);
}

run_actor::behavior_type run_state::make_behavior(environment_ptr env,
                                                  thread_actor owner,
                                                  attempt what) {
  env_ = env;
  owner_ = std::move(owner);
  attempt_ = std::move(what);
  ref_ = {attempt_.run.row.id, attempt_.run.row.epoch};
  launch();
  return {
    [this](const worker_reports& msg) {
      safely([&] {
        for (const auto& report : msg.items)
          take(report);
      });
    },
    [this](const worker_lost& msg) {
      safely([&] { climb(core::worker_gone{msg.ordered}); });
    },
    [this](const resume& msg) { safely(msg.then); },
    [this](const stop_attempt& msg) {
      safely([&] {
        stop_reason_ = msg.reason;
        climb(core::stop_asked{msg.cause});
      });
    },
    [this](const ladder_timer& msg) {
      safely([&] {
        if (msg.grace)
          climb(core::grace_over{});
        else
          climb(core::half_over{});
      });
    },
    [this](const drain_attempt&) {
      attempt_.place->channel->drain(attempt_.place->no);
    },
  };
}

void run_state::launch() {
  auto me = run_actor{self_};
  auto weak = caf::actor_cast<caf::weak_actor_ptr>(me);
  auto post = [weak](std::function<void()> then) {
    if (auto strong = weak.lock())
      caf::anon_send(caf::actor_cast<run_actor>(strong),
                     resume{std::move(then)});
  };
  const auto& run = attempt_.run;
  io_ = std::make_unique<run_io>(
    *env_, run_io::identity{ref_, run.row.thread, run.durability},
    attempt_.place, post);
  io_->when_settled([this] { report_when_settled(); });
  const auto& place = *attempt_.place;
  caf::anon_send(place.process, assign{place.no, slot_client_actor{me}});
  place.channel->start(place.no,
                       {run.row.id, run.row.thread, run.row.assistant,
                        run.row.epoch, run.row.attempt, run.graph, run.kwargs,
                        run.resume, run.row.flags.temporary});
}

void run_state::take(const worker::report& what) {
  // After its end nothing may follow of a run but that it is clean.
  if (ladder_.ended && !std::holds_alternative<worker::clean>(what)) {
    return give_up(*attempt_.place, "a run went on after its end");
  }
  std::visit([this](const auto& report) { on(report); }, what);
}

template <class Report>
void run_state::on(const Report& what) {
  if constexpr (requires { io_->on(what); })
    io_->on(what);
  else if constexpr (std::is_same_v<Report, worker::clean>)
    climb(core::worker_clean{});
}

void run_state::on(const worker::end& what) {
  using worker::end_outcome;
  if (what.outcome == end_outcome::error)
    error_ = core::error_json(what.error_name, what.error_message);
  static constexpr core::attempt_end ends[]
    = {core::attempt_end::success, core::attempt_end::error,
       core::attempt_end::cancelled, core::attempt_end::drained};
  climb(core::worker_ended{ends[static_cast<std::size_t>(what.outcome)]});
}

// -- events -------------------------------------------------------------------

void run_state::on(const worker::events& what) {
  std::vector<event_ptr> events;
  events.reserve(what.items.size());
  if (!attempt_.run.row.flags.resumable) {
    for (const auto& item : what.items)
      events.push_back(make_event(item.name, item.data));
    return show(std::move(events), what.cost);
  }
  std::vector<event_row> rows;
  rows.reserve(what.items.size());
  for (const auto& item : what.items) {
    auto id = next_event_id(attempt_.last_event, env_->clock.now());
    attempt_.last_event = id;
    events.push_back(make_event(item.name, item.data, to_string(id)));
    rows.push_back({id, item.name, item.data});
  }
  keep_then_show(std::move(events), std::move(rows), what.cost);
}

std::optional<event_id>
run_state::too_old(const std::vector<event_row>& fresh) {
  for (const auto& row : fresh) {
    auto bytes = row.name.size() + row.data.view().size();
    kept_.emplace_back(row.id, bytes);
    kept_bytes_ += bytes;
  }
  auto limit = env_->opts.resumable_bytes_max;
  std::optional<event_id> result;
  if (kept_bytes_ <= limit)
    return result;
  // Down to three quarters, so that not every event costs a delete. The newest
  // one stays, however large.
  while (kept_.size() > 1 && kept_bytes_ > limit / 4 * 3) {
    result = kept_.front().first;
    kept_bytes_ -= kept_.front().second;
    kept_.pop_front();
  }
  return result;
}

void run_state::show(std::vector<event_ptr> events, std::size_t cost) {
  caf::anon_send(owner_, published{ref_, std::move(events)});
  attempt_.place->channel->credit(attempt_.place->no, cost);
}

/// What carries an id can be asked for again: it is durable before it is shown.
void run_state::keep_then_show(std::vector<event_ptr> events,
                               std::vector<event_row> rows, std::size_t cost) {
  io_->begin();
  auto me = caf::actor_cast<caf::weak_actor_ptr>(run_actor{self_});
  auto old = too_old(rows);
  write(
    env_->rows, lane::normal,
    [ref = ref_, rows = std::move(rows), old](write_tx& tx) {
      auto taken = tx.append_events(ref, rows);
      if (old && taken == fence::taken)
        tx.trim_events(ref.id, *old);
      return taken;
    },
    [this, me, events = std::move(events), cost](result<fence> taken) {
      auto strong = me.lock();
      if (!strong)
        return;
      bool shown = taken.has_value() && *taken == fence::taken;
      caf::anon_send(caf::actor_cast<run_actor>(strong),
                     resume{[this, events, cost, shown] {
                       show(shown ? events : std::vector<event_ptr>{}, cost);
                       io_->end();
                     }});
    });
}

// -- the ladder ---------------------------------------------------------------

void run_state::climb(const core::ladder_event& event) {
  auto step = core::advance(ladder_, event);
  ladder_ = step.state;
  for (const auto& effect : step.effects)
    std::visit([this](const auto& e) { perform(e); }, effect);
}

void run_state::perform(const core::signal& what) {
  static constexpr worker::stop_action actions[]
    = {worker::stop_action::interrupt, worker::stop_action::rollback,
       worker::stop_action::timeout, worker::stop_action::interrupt};
  attempt_.place->channel->cancel(
    attempt_.place->no, {actions[static_cast<std::size_t>(what.cause)],
                         stop_reason_, env_->opts.stop_grace});
}

void run_state::perform(core::set_deadline) {
  arm(env_->opts.stop_grace / 2, false);
  arm(env_->opts.stop_grace, true);
}

void run_state::perform(core::press) {
  attempt_.place->channel->raise(attempt_.place->no);
  if (attempt_.place->channel->abandons())
    return; // Its neighbours have nothing to fear.
  caf::anon_send(attempt_.place->process, quarantine{attempt_.place->no});
}

void run_state::perform(core::kill) {
  ++env_->counters.cancel_kills;
  env_->log(log_level::warning,
            attempt_.place->channel->abandons()
              ? "a run did not stop within the grace; it is abandoned"
              : "a run did not stop within the grace; its worker is killed",
            {{"run_id", ref_.id.str()},
             {"thread_id", attempt_.run.row.thread.str()},
             {"graph", attempt_.run.graph}});
  give_up(*attempt_.place, "a run in it does not stop");
}

void run_state::perform(const core::report_end& what) {
  to_report_ = what.how;
  report_when_settled();
}

void run_state::perform(core::let_go) {
  disarm();
  attempt_.place->mark_clean();
  silent_ = true;
  tell_silent();
}

void run_state::report_when_settled() {
  if (!to_report_ || reported_ || !io_->settled())
    return;
  reported_ = true;
  caf::anon_send(owner_,
                 attempt_over{ref_, *to_report_, error_, attempt_.last_event});
  tell_silent();
}

/// The last word. The slot goes back with the actor's state.
void run_state::tell_silent() {
  if (!silent_ || !reported_)
    return;
  caf::anon_send(owner_, attempt_silent{ref_});
  self_->quit();
}

void run_state::arm(std::chrono::milliseconds delay, bool grace) {
  auto weak = caf::actor_cast<caf::weak_actor_ptr>(run_actor{self_});
  auto& timer = grace ? grace_timer_ : half_timer_;
  timer = env_->timers.after(delay, [weak, grace] {
    if (auto strong = weak.lock())
      caf::anon_send(caf::actor_cast<run_actor>(strong), ladder_timer{grace});
  });
}

void run_state::disarm() {
  if (!env_)
    return;
  env_->timers.cancel(std::exchange(half_timer_, 0));
  env_->timers.cancel(std::exchange(grace_timer_, 0));
}

run_actor spawn_run(caf::actor_system& sys, environment& env,
                    thread_actor owner, attempt what) {
  // Not lazy: it has something to do before its first message.
  return sys.spawn(
    [](run_actor::stateful_pointer<run_state> self, environment_ptr where,
       thread_actor whose, attempt which) {
      return self->state.make_behavior(where, std::move(whose),
                                       std::move(which));
    },
    env.ptr(), std::move(owner), std::move(what));
}

} // namespace heddle::actors
