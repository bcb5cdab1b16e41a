#include "heddle/server.hpp"

#include "actors/house.hpp"
#include "actors/server_impl.hpp"

#include <caf/actor_registry.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <future>
#include <utility>

// The server as a whole. Its nouns are in files of their own: server_<noun>.

namespace heddle {

namespace {

/// What must come back to where it was when nothing is in flight.
void add_gauges(metrics_snapshot& to, actors::house& home) {
  auto gauge = [&to](const char* name, const char* help, std::size_t value) {
    to.counters.push_back({name, help, {}, static_cast<double>(value), true});
  };
  gauge("heddle_actors_live", "Actors of any kind alive.",
        home.system().registry().running());
  gauge("heddle_timers_waiting", "Timers set and not fired.",
        home.env().timers.waiting());
  gauge("heddle_worker_threads_stuck",
        "Threads for C++ graphs whose nodes do not stop.",
        home.stuck_threads());
}

/// Asks one dispatcher after the other, from the one of `kind` on.
void add_workers(const actors::environment& env, actors::kind_no kind,
                 metrics_snapshot to,
                 server::callback<metrics_snapshot> answer) {
  if (kind == env.dispatchers.size())
    return answer(std::move(to));
  auto next = [&env, kind, to, answer](
                std::vector<std::pair<bool, std::size_t>> workers) mutable {
    for (const auto& [ready, used] : workers)
      to.workers_active += used;
    add_workers(env, kind + 1, std::move(to), answer);
  };
  env.dispatchers.tell(kind, actors::get_workers{std::move(next)});
}

} // namespace

server::server(std::unique_ptr<impl> made) : impl_(std::move(made)) {
  // nop
}

server::~server() {
  std::promise<void> stopped;
  stop([&stopped] { stopped.set_value(); });
  stop([] {}); // No grace.
  stopped.get_future().wait();
  impl_->home.visitors()->close();
}

bool server::accepting() const noexcept {
  return impl_->home.accepting();
}

const options& server::settings() const noexcept {
  return impl_->env.opts;
}

std::vector<graph_status> server::graphs() const {
  return impl_->env.graphs.all();
}

void server::stop(std::function<void()> done) {
  impl_->home.stop(std::move(done));
}

future<void> server::stop() {
  callback<void> done;
  future later{done};
  stop([done = std::move(done)] { done({}); });
  return later;
}

future<metrics_snapshot> server::metrics(callback<metrics_snapshot> done) {
  future later{done};
  auto& env = impl_->env;
  read(
    env.rows, [](read_tx& tx) { return tx.counts(); },
    [&env, &home = impl_->home,
     done = std::move(done)](result<run_counts> counts) {
      if (counts.has_error())
        return done(counts.error());
      metrics_snapshot result;
      result.pending = counts->pending;
      result.running = counts->running;
      if (counts->oldest_due) {
        std::chrono::duration<double> waited
          = env.clock.now() - *counts->oldest_due;
        result.wait_max_seconds = std::max(0.0, waited.count());
      }
      env.counters.fill(result);
      add_gauges(result, home);
      result.workers_max = home.slots_max();
      add_workers(env, 0, std::move(result), done);
    });
  return later;
}

} // namespace heddle
