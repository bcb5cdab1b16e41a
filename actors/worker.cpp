#include "actors/worker.hpp"

#include "actors/shell.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <utility>

namespace heddle::actors {

namespace {

log_level level_of(const std::string& text) {
  if (text == "error" || text == "critical")
    return log_level::error;
  if (text == "warning")
    return log_level::warning;
  return text == "debug" ? log_level::debug : log_level::info;
}

} // namespace

worker_state::~worker_state() {
  if (env_) {
    env_->timers.cancel(timer_);
    env_->timers.cancel(deadline_);
  }
  if (channel_ && !gone_)
    channel_->kill();
}

template <class Body>
void worker_state::safely(Body&& body) {
  guarded(env_->log, name, std::forward<Body>(body), [this] {
    if (channel_)
      channel_->kill();
    on_gone({"the worker's actor died"});
  });
}

worker_actor::behavior_type worker_state::make_behavior(environment_ptr env,
                                                        dispatcher_actor owner,
                                                        worker_no no) {
  env_ = env;
  owner_ = std::move(owner);
  no_ = no;
  return {
    [this](const reported& msg) { safely([&] { take(msg.batch); }); },
    [this](const assign& msg) { safely([&] { on_assign(msg); }); },
    [this](const release& msg) { safely([&] { on_release(msg); }); },
    [this](const quarantine& msg) { safely([&] { on_quarantine(msg); }); },
    [this](const kill_process& msg) { kill(msg.why); },
    [this](const retire_process& msg) { safely([&] { retire(msg); }); },
    [this](const ping_tick&) { safely([&] { on_ping(); }); },
    [this](const launched& msg) { channel_ = msg.channel; },
  };
}

/// Reports of one run that follow each other go on in one message.
void worker_state::take(
  std::vector<std::pair<worker::run_no, worker::report>> batch) {
  std::vector<worker::report> run;
  worker::run_no current = 0;
  for (auto& [no, what] : batch) {
    if (no != current && !run.empty())
      forward(current, std::exchange(run, {}));
    current = no;
    if (no == 0)
      on_process(what);
    else
      run.push_back(std::move(what));
  }
  if (!run.empty())
    forward(current, std::move(run));
}

void worker_state::forward(worker::run_no no,
                           std::vector<worker::report> reports) {
  auto at = clients_.find(no);
  if (at != clients_.end())
    caf::anon_send(at->second, worker_reports{std::move(reports)});
}

void worker_state::on_process(const worker::report& what) {
  if (const auto* hello = std::get_if<worker::hello>(&what)) {
    ready_ = true;
    pid_ = hello->pid;
    env_->graphs.learn(hello->graphs);
    env_->log(log_level::info, "a worker is ready", {{"pid", pid_}});
    tell(worker_news::kind::ready);
  } else if (const auto* pong = std::get_if<worker::pong>(&what)) {
    pongs_ = pong->n;
    if (std::exchange(blocked_, false))
      tell(worker_news::kind::unblocked);
  } else if (const auto* beat = std::get_if<worker::beat>(&what)) {
    env_->log(log_level::warning, "a node blocks the event loop of its worker",
              {{"pid", pid_}, {"where", beat->where}});
    block();
  } else if (const auto* line = std::get_if<worker::log>(&what)) {
    env_->log(level_of(line->level), line->text, {{"pid", pid_}});
  } else if (const auto* gone = std::get_if<worker::gone>(&what)) {
    on_gone(*gone);
  }
}

void worker_state::on_gone(const worker::gone& what) {
  if (std::exchange(gone_, true))
    return;
  env_->timers.cancel(std::exchange(timer_, 0));
  env_->timers.cancel(std::exchange(deadline_, 0));
  ordered_ |= retiring_;
  if (!ordered_) {
    ++env_->counters.worker_deaths;
    env_->log(log_level::error, "a worker process died",
              {{"pid", pid_}, {"why", what.why}});
  }
  for (auto& [no, client] : clients_)
    caf::anon_send(client, worker_lost{ordered_, what.why});
  clients_.clear();
  tell(worker_news::kind::gone, !ready_);
  // It stays for those who still hold a slot here and do not know yet.
}

void worker_state::on_assign(const assign& msg) {
  if (gone_) {
    // It was never told of this one: that is no strike.
    caf::anon_send(msg.client, worker_lost{true, "the process is gone"});
    return;
  }
  clients_[msg.no] = msg.client;
  if (timer_ == 0)
    arm_ping();
}

void worker_state::on_release(const release& msg) {
  bool used = clients_.erase(msg.no) > 0;
  if (gone_)
    return;
  if (used && !msg.clean) { // Else the offer was turned down.
    if (!channel_->abandons())
      return kill("a run was left in it");
    channel_->abandon(msg.no);
  }
  // It did stop after all; perhaps it was the last one that did not.
  if (quarantined_by_.erase(msg.no) > 0 && quarantined_by_.empty() && !ordered_)
    tell(worker_news::kind::ready);
}

/// The neighbours are asked to move: if the kill comes, it costs them less.
void worker_state::on_quarantine(const quarantine& msg) {
  if (gone_)
    return;
  bool first = quarantined_by_.empty();
  quarantined_by_.insert(msg.no);
  if (!first)
    return;
  tell(worker_news::kind::closed);
  for (auto& [no, client] : clients_)
    if (no != msg.no)
      channel_->drain(no);
}

void worker_state::kill(const char* why) {
  if (gone_ || std::exchange(ordered_, true))
    return;
  ++env_->counters.worker_kills;
  env_->log(clients_.empty() ? log_level::info : log_level::warning,
            "a worker process is killed",
            {{"pid", pid_}, {"why", why}, {"runs", clients_.size()}});
  tell(worker_news::kind::closed);
  channel_->kill();
}

/// Asked to leave; killed if it has not by the deadline.
void worker_state::retire(const retire_process& msg) {
  if (gone_ || std::exchange(retiring_, true))
    return;
  tell(worker_news::kind::closed);
  channel_->exit(msg.deadline);
  auto weak = caf::actor_cast<caf::weak_actor_ptr>(worker_actor{self_});
  deadline_ = env_->timers.after(msg.deadline, [weak] {
    if (auto strong = weak.lock())
      caf::anon_send(caf::actor_cast<worker_actor>(strong),
                     kill_process{"it did not leave when asked"});
  });
}

/// Until a pong says that it is over; so it is asked, also when it is idle.
void worker_state::block() {
  if (std::exchange(blocked_, true))
    return;
  tell(worker_news::kind::blocked);
  if (timer_ == 0)
    arm_ping();
}

void worker_state::on_ping() {
  timer_ = 0;
  if (gone_ || (clients_.empty() && !blocked_))
    return; // Idle: no clock ticks for it.
  bool silent = pings_ > pongs_ + missed_pongs_max;
  channel_->ping(++pings_);
  arm_ping();
  if (silent)
    block();
}

void worker_state::arm_ping() {
  auto weak = caf::actor_cast<caf::weak_actor_ptr>(worker_actor{self_});
  timer_ = env_->timers.after(ping_every, [weak] {
    if (auto strong = weak.lock())
      caf::anon_send(caf::actor_cast<worker_actor>(strong), ping_tick{});
  });
}

void worker_state::tell(worker_news::kind what, bool failed) {
  caf::anon_send(owner_, worker_news{no_, what, failed});
}

std::pair<worker_actor, std::shared_ptr<worker::channel>>
spawn_worker(caf::actor_system& sys, environment& env,
             worker::launcher& launcher, dispatcher_actor owner, worker_no no) {
  auto actor = sys.spawn(
    [](worker_actor::stateful_pointer<worker_state> self, environment_ptr where,
       dispatcher_actor whose, worker_no which) {
      return self->state.make_behavior(where, std::move(whose), which);
    },
    env.ptr(), std::move(owner), no);
  auto weak = caf::actor_cast<caf::weak_actor_ptr>(actor);
  auto channel = launcher.launch([weak](auto batch) {
    if (auto strong = weak.lock())
      caf::anon_send(caf::actor_cast<worker_actor>(strong),
                     reported{std::move(batch)});
  });
  caf::anon_send(actor, launched{channel});
  return {actor, channel};
}

} // namespace heddle::actors
