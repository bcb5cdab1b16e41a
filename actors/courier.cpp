#include "actors/courier.hpp"

#include "actors/shell.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <optional>
#include <set>
#include <utility>

namespace heddle::actors {

namespace {

/// At least once: a row leaves the outbox after its webhook was taken.
class courier_state {
public:
  static constexpr const char* name = "courier";

  explicit courier_state(courier_actor::stateful_pointer<courier_state> self)
    : self_(self) {}

  ~courier_state() {
    if (env_)
      env_->timers.cancel(timer_);
  }

  courier_actor::behavior_type make_behavior(environment_ptr env) {
    env_ = env;
    look();
    return {
      [this](look_at_outbox) { look(); },
      [this](const resume& msg) { guarded(env_->log, name, msg.then, [] {}); },
    };
  }

private:
  struct due {
    std::vector<outbox_row> rows;
    std::optional<timestamp> next;
  };

  std::function<void(std::function<void()>)> back() {
    auto weak = caf::actor_cast<caf::weak_actor_ptr>(courier_actor{self_});
    return [weak](std::function<void()> then) {
      if (auto strong = weak.lock())
        caf::anon_send(caf::actor_cast<courier_actor>(strong),
                       resume{std::move(then)});
    };
  }

  void look() {
    if (std::exchange(looking_, true)) {
      again_ = true;
      return;
    }
    again_ = false;
    read(
      env_->rows,
      [now = env_->clock.now()](read_tx& tx) {
        return due{tx.outbox(now, webhooks_at_once * 2), tx.next_outbox(now)};
      },
      [this, post = back()](result<due> got) {
        post([this, got = std::move(got)] { looked(got); });
      });
  }

  void looked(const result<due>& got) {
    looking_ = false;
    if (got.has_error())
      return arm(env_->clock.now() + std::chrono::seconds{1});
    for (const auto& row : got->rows)
      if (sending_.size() < webhooks_at_once && !sending_.contains(row.n))
        send(row);
    if (got->next)
      arm(*got->next);
    if (again_)
      look();
  }

  void send(const outbox_row& row) {
    sending_.insert(row.n);
    env_->webhooks.send(row.url, row.body,
                        [this, row, post = back()](result<int> status) {
                          post([this, row, status] { sent(row, status); });
                        });
  }

  void sent(const outbox_row& row, const result<int>& status) {
    bool taken = status.has_value() && *status < 500 && *status != 429;
    bool last = row.tries + 1 >= webhook_tries_max;
    ++(taken ? env_->counters.webhooks_sent : env_->counters.webhooks_failed);
    if (!taken)
      env_->log(log_level::warning, "a webhook was not taken",
                {{"run_id", row.run.str()},
                 {"why", status.has_value() ? std::to_string(*status)
                                            : status.error().detail},
                 {"last_try", last ? "yes" : "no"}});
    auto now = env_->clock.now();
    auto at = now + webhook_pause(row.tries + 1);
    write(
      env_->rows, lane::normal,
      [n = row.n, done = taken || last, at](write_tx& tx) {
        if (done)
          tx.outbox_done(n);
        else
          tx.outbox_retry(n, at);
        return true;
      },
      [this, n = row.n, post = back()](const result<bool>&) {
        post([this, n] {
          sending_.erase(n);
          look();
        });
      });
  }

  void arm(timestamp when) {
    env_->timers.cancel(timer_);
    auto wait = timer_until(when, env_->clock.now());
    auto weak = caf::actor_cast<caf::weak_actor_ptr>(courier_actor{self_});
    timer_ = env_->timers.after(
      std::max(wait, std::chrono::milliseconds{1}), [weak] {
        if (auto strong = weak.lock())
          caf::anon_send(caf::actor_cast<courier_actor>(strong),
                         look_at_outbox{});
      });
  }

  courier_actor::stateful_pointer<courier_state> self_;
  environment_ptr env_; ///< Outlives every actor.
  bool looking_ = false;
  bool again_ = false;
  std::set<std::int64_t> sending_;
  timer_source::id timer_ = 0;
};

} // namespace

std::chrono::seconds webhook_pause(std::uint32_t tries) noexcept {
  return std::chrono::seconds{tries <= 1 ? 1 : 4};
}

courier_actor spawn_courier(caf::actor_system& sys, environment& env) {
  return sys.spawn(
    [](courier_actor::stateful_pointer<courier_state> self,
       environment_ptr where) { return self->state.make_behavior(where); },
    env.ptr());
}

} // namespace heddle::actors
