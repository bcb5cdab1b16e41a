#include "heddle/wait.hpp"

namespace heddle::inline v0 {

void detail::wait_state::settle() {
  auto* where = host;
  auto handle = frame;
  ready_.store(true);
  ready_.notify_all();
  // Armed after this look: whoever arms it looks at `settled` then.
  if (cancelled_)
    if (auto armed = timer.exchange(0))
      where->forget(armed);
  if (handle)
    where->post([handle] { handle.resume(); });
}

void wait_place::cancel() {
  stop_.request_stop();
  std::shared_ptr<detail::wait_state> current;
  {
    std::lock_guard lock{mutex_};
    current = current_;
  }
  if (current)
    current->cancel();
}

void wait_place::drop() {
  std::lock_guard lock{mutex_};
  if (current_)
    current_->claim();
  current_.reset();
}

bool wait_place::enter(const std::shared_ptr<detail::wait_state>& wait) {
  std::lock_guard lock{mutex_};
  if (cancelled())
    return false;
  current_ = wait;
  return true;
}

void wait_place::leave() {
  std::lock_guard lock{mutex_};
  current_.reset();
}

operation<void> delay(std::chrono::nanoseconds time) {
  return operation<void>{[time](const completion<void>& done) {
    auto& wait = done.wait();
    auto armed = wait.host->after(time, [done] { done(); });
    wait.timer = armed;
    if (wait.settled() && wait.timer.exchange(0))
      wait.host->forget(armed);
  }};
}

} // namespace heddle::inline v0
