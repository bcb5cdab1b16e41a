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
  : kinds_(std::move(kinds)), graphs_(graphs_of(kinds_)),
    opts_(opts), env_{ports.rows, ports.clock,    ports.timers,
                      ports.ids,  ports.webhooks, graphs_,
                      counters_,  opts_,          std::move(log)},
    sys_(cfg), threads_([this](const thread_id& id, directory::generation which,
                               bool orphaned) {
      return spawn_thread(sys_, env_, id, which, orphaned);
    }) {
  env_.threads = &threads_;
  for (kind_no kind = 0; kind < kinds_.size(); ++kind)
    env_.dispatchers.add(spawn_dispatcher(sys_, env_, kinds_[kind], kind));
  courier_ = spawn_courier(sys_, env_);
  env_.on_outbox
    = [courier = courier_] { caf::anon_send(courier, look_at_outbox{}); };
  bulk_ = spawn_bulk(sys_, env_);
  reaper_ = spawn_reaper(sys_, env_);
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
  // Until all have ended, they use what is let go of here.
  if (sys_.await_actors_before_shutdown())
    sys_.await_all_actors_done();
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
