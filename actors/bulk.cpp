#include "actors/bulk.hpp"

#include "actors/shell.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <utility>
#include <vector>

namespace heddle::actors {

namespace {

class bulk_state {
public:
  static constexpr const char* name = "bulk";

  explicit bulk_state(bulk_actor::stateful_pointer<bulk_state> self)
    : self_(self) {}

  bulk_actor::behavior_type make_behavior(environment_ptr env) {
    env_ = env;
    slice();
    return {
      [this](const drive_bulk& msg) {
        if (msg.latch)
          latches_.push_back(msg.latch);
        again_ = true;
        if (!slicing_)
          slice();
      },
      [this](const resume& msg) { guarded(env_->log, name, msg.then, [] {}); },
    };
  }

private:
  /// One slice at a time: other writes come in between.
  void slice() {
    slicing_ = true;
    again_ = false;
    auto me = bulk_actor{self_};
    write(
      env_->rows, lane::normal,
      [now = env_->clock.now()](write_tx& tx) {
        return tx.bulk_slice(slice_budget, now);
      },
      [this, me](result<slice_outcome> got) {
        caf::anon_send(me, resume{[this, got] { sliced(got); }});
      });
  }

  void sliced(const result<slice_outcome>& got) {
    slicing_ = false;
    if (got.has_error())
      return retry_later();
    if (!got->advanced.empty())
      env_->dispatchers.tell_all(refill{});
    env_->on_outbox();
    if (got->more || again_)
      return slice();
    latches_.clear();
  }

  /// A full disk, say: the marks stand, the rest waits.
  void retry_later() {
    auto weak = caf::actor_cast<caf::weak_actor_ptr>(bulk_actor{self_});
    env_->timers.after(std::chrono::seconds{1}, [weak] {
      if (auto strong = weak.lock())
        caf::anon_send(caf::actor_cast<bulk_actor>(strong), drive_bulk{});
    });
  }

  bulk_actor::stateful_pointer<bulk_state> self_;
  environment_ptr env_; ///< Outlives every actor.
  bool slicing_ = false;
  bool again_ = false;
  std::vector<std::shared_ptr<void>> latches_;
};

} // namespace

bulk_actor spawn_bulk(caf::actor_system& sys, environment& env) {
  return sys.spawn(
    [](bulk_actor::stateful_pointer<bulk_state> self, environment_ptr where) {
      return self->state.make_behavior(where);
    },
    env.ptr());
}

} // namespace heddle::actors
