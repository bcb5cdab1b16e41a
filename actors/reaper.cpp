#include "actors/reaper.hpp"

#include "actors/shell.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <utility>

namespace heddle::actors {

namespace {

constexpr std::chrono::seconds reap_every{10};
constexpr std::size_t reap_runs_max = 100; // In one transaction.

class reaper_state {
public:
  static constexpr const char* name = "reaper";

  explicit reaper_state(reaper_actor::stateful_pointer<reaper_state> self)
    : self_(self) {}

  ~reaper_state() {
    if (env_)
      env_->timers.cancel(timer_);
  }

  reaper_actor::behavior_type make_behavior(environment_ptr env) {
    env_ = env;
    arm();
    return {
      [this](reap) { run(); },
      [this](const resume& msg) { guarded(env_->log, name, msg.then, [] {}); },
    };
  }

private:
  void run() {
    auto me = reaper_actor{self_};
    write(
      env_->rows, lane::normal,
      [before = env_->clock.now() - env_->opts.resumable_ttl](write_tx& tx) {
        return tx.expire_events(before, reap_runs_max);
      },
      [this, me](result<std::size_t> got) {
        bool more = got.has_value() && *got == reap_runs_max;
        caf::anon_send(me, resume{[this, more] {
                         if (more)
                           run();
                         else
                           arm();
                       }});
      });
  }

  void arm() {
    auto weak = caf::actor_cast<caf::weak_actor_ptr>(reaper_actor{self_});
    timer_ = env_->timers.after(reap_every, [weak] {
      if (auto strong = weak.lock())
        caf::anon_send(caf::actor_cast<reaper_actor>(strong), reap{});
    });
  }

  reaper_actor::stateful_pointer<reaper_state> self_;
  environment_ptr env_; ///< Outlives every actor.
  timer_source::id timer_ = 0;
};

} // namespace

reaper_actor spawn_reaper(caf::actor_system& sys, environment& env) {
  return sys.spawn(
    [](reaper_actor::stateful_pointer<reaper_state> self,
       environment_ptr where) { return self->state.make_behavior(where); },
    env.ptr());
}

} // namespace heddle::actors
