#include "tests/worker/door.hpp"

#include "tests/worker/processes.hpp"

namespace heddle::worker::test {

void door::pass() const {
  auto kept = state_;
  std::unique_lock lock{kept->mutex};
  ++kept->inside;
  kept->changed.notify_all();
  kept->changed.wait(lock, [&] { return kept->open; });
  --kept->inside;
  kept->changed.notify_all();
}

void door::open() const {
  std::lock_guard guard{state_->mutex};
  state_->open = true;
  state_->changed.notify_all();
}

bool door::crowd(std::size_t count) const {
  std::unique_lock lock{state_->mutex};
  return state_->changed.wait_for(lock, patience,
                                  [&] { return state_->inside == count; });
}

} // namespace heddle::worker::test
