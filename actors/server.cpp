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

void server::metrics(callback<metrics_snapshot> done) {
  auto& env = impl_->env;
  auto add_workers = [&env](metrics_snapshot snapshot,
                            const callback<metrics_snapshot>& answer) {
    auto finish
      = [snapshot, answer, max = env.opts.workers * env.opts.jobs_per_worker](
          std::vector<std::pair<bool, std::size_t>> workers) mutable {
          snapshot.workers_max = max;
          for (const auto& [ready, used] : workers)
            snapshot.workers_active += used;
          answer(std::move(snapshot));
        };
    caf::anon_send(env.dispatcher, actors::get_workers{finish});
  };
  read(
    env.rows, [](read_tx& tx) { return tx.counts(); },
    [&env, &home = impl_->home, done = std::move(done),
     add_workers](result<run_counts> counts) {
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
      add_workers(std::move(result), done);
    });
}

} // namespace heddle
