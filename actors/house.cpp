#include "actors/house.hpp"

#include "actors/bulk.hpp"
#include "actors/courier.hpp"
#include "actors/dispatcher.hpp"
#include "actors/latch.hpp"
#include "actors/reaper.hpp"
#include "actors/thread.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <utility>

namespace heddle::actors {

namespace {

std::vector<std::vector<std::string>>
graphs_of(const std::vector<worker_kind>& kinds) {
  std::vector<std::vector<std::string>> result;
  for (const auto& kind : kinds)
    result.push_back(kind.graphs);
  return result;
}

} // namespace

house::house(house_ports ports, options opts, std::vector<worker_kind> kinds,
             log_sink log, caf::actor_system_config& cfg)
  : house(ports, std::move(opts), std::move(kinds), std::move(log),
          std::make_unique<caf::actor_system>(cfg), nullptr) {
  // nop
}

house::house(house_ports ports, options opts, std::vector<worker_kind> kinds,
             log_sink log, caf::actor_system& host)
  : house(ports, std::move(opts), std::move(kinds), std::move(log), nullptr,
          &host) {
  // nop
}

house::house(house_ports ports, options opts, std::vector<worker_kind> kinds,
             log_sink log, std::unique_ptr<caf::actor_system> own,
             caf::actor_system* host)
  : kinds_(std::move(kinds)), graphs_(graphs_of(kinds_)),
    opts_(opts), env_{ports.rows, ports.clock,    ports.timers,
                      ports.ids,  ports.webhooks, graphs_,
                      counters_,  opts_,          std::move(log)},
    gone_(std::make_shared<std::promise<void>>()), own_(std::move(own)),
    sys_(own_ ? *own_ : *host),
    threads_(
      [this](const thread_id& id, directory::generation which, bool orphaned) {
        return spawn_thread(sys_, env_, id, which, orphaned);
      }) {
  env_.threads = &threads_;
  presence_ = make_latch([gone = gone_] { gone->set_value(); });
  env_.presence = presence_;
  for (kind_no kind = 0; kind < kinds_.size(); ++kind)
    env_.dispatchers.add(spawn_dispatcher(sys_, env_, kinds_[kind], kind));
  courier_ = spawn_courier(sys_, env_);
  env_.on_outbox
    = [courier = courier_] { caf::anon_send(courier, look_at_outbox{}); };
  bulk_ = spawn_bulk(sys_, env_);
  reaper_ = spawn_reaper(sys_, env_);
  hold_to_the_end();
  // Not when they are spawned: a run that ended before the list of dispatchers
  // was whole would tell nobody that the next one is ready.
  env_.dispatchers.tell_all(begin{});
}

house::~house() {
  accepting_ = false;
  auto end = [](const auto& actor) {
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  };
  for (const auto& actor : threads_.close())
    end(actor);
  end(bulk_);
  end(courier_);
  end(reaper_);
  for (const auto& one : env_.dispatchers.all())
    end(one);
  await_end();
  bulk_ = bulk_actor{};
  courier_ = courier_actor{};
  reaper_ = reaper_actor{};
  env_.on_outbox = nullptr;
  env_.dispatchers.clear();
}

std::size_t house::slots_max() const noexcept {
  std::size_t result = 0;
  for (const auto& kind : kinds_)
    result += kind.workers * kind.jobs_per_worker;
  return result;
}

std::size_t house::stuck_threads() const {
  std::size_t result = 0;
  for (const auto& kind : kinds_)
    result += kind.launcher.stuck();
  return result;
}

/// An actor answers what it did not read after its state has gone, and these
/// may have such: their presence ends later than what they hold of `env_`.
void house::hold_to_the_end() {
  auto hold = [here = presence_](const auto& actor) {
    actor->attach_functor([here](const caf::error&) {});
  };
  for (const auto& one : env_.dispatchers.all())
    hold(one);
  hold(courier_);
  hold(bulk_);
  hold(reaper_);
}

/// Until all have ended, they use what is let go of here.
void house::await_end() {
  presence_.reset();
  if (!own_)
    gone_->get_future().wait();
  else if (sys_.await_actors_before_shutdown())
    sys_.await_all_actors_done();
}

void house::after_mark(std::shared_ptr<void> latch) {
  threads_.tell_all(recheck{});
  caf::anon_send(bulk_, drive_bulk{std::move(latch)});
}

/// The dispatchers offer no more; what runs moves to a checkpoint; then every
/// thread writes down what there is.
void house::stop(std::function<void()> done) {
  accepting_ = false;
  auto before = standing::serving;
  {
    std::lock_guard guard{stop_mutex_};
    before = standing_;
    if (before == standing::serving)
      standing_ = standing::stopping;
    if (before != standing::stopped)
      on_stopped_.push_back(std::move(done));
  }
  if (before == standing::stopped)
    return done();
  if (before == standing::stopping)
    return env_.dispatchers.tell_all(halt_now{});
  auto halted = make_latch([this] { close([this] { stopped(); }); });
  env_.dispatchers.tell_all(halt{opts_.shutdown_grace, halted});
  threads_.tell_all(shut_down{});
}

void house::stopped() {
  std::vector<std::function<void()>> waiting;
  {
    std::lock_guard guard{stop_mutex_};
    standing_ = standing::stopped;
    waiting.swap(on_stopped_);
  }
  for (auto& next : waiting)
    next();
}

/// `done` is called when the last thread has let go of its latch.
void house::close(std::function<void()> done) {
  auto latch = make_latch(std::move(done));
  for (auto& actor : threads_.close())
    caf::anon_send(actor, close_thread{reply<void>{[latch](result<void>) {}}});
}

} // namespace heddle::actors
