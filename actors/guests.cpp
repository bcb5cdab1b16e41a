#include "actors/guests.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <vector>

namespace heddle::actors {

bool guests::enter(const caf::strong_actor_ptr& who) {
  std::lock_guard guard{mutex_};
  if (!closed_)
    here_.emplace(who->id(), caf::weak_actor_ptr{who.get()});
  return !closed_;
}

void guests::leave(caf::actor_id who) {
  std::lock_guard guard{mutex_};
  here_.erase(who);
  // Under the lock: who waits may be about to let go of this.
  left_.notify_all();
}

void guests::close() {
  std::unique_lock lock{mutex_};
  closed_ = true;
  auto here = here_;
  lock.unlock();
  for (const auto& [id, weak] : here)
    if (auto actor = weak.lock())
      caf::anon_send_exit(caf::actor_cast<caf::actor>(actor),
                          caf::exit_reason::user_shutdown);
  here.clear();
  lock.lock();
  left_.wait(lock, [this] { return here_.empty(); });
}

} // namespace heddle::actors
