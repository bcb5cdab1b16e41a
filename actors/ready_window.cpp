#include "actors/ready_window.hpp"

#include <algorithm>

namespace heddle::actors {

bool ready_window::known(const run_id& run) const {
  return in_.contains(run) || offered_.contains(run);
}

void ready_window::insert(const ready_run& run) {
  auto at = std::ranges::upper_bound(runs_, run.at, {}, &ready_run::at);
  runs_.insert(at, run);
  in_.insert(run.run);
}

void ready_window::hint(const ready_run& run) {
  if (known(run.run))
    return;
  // While the store has more, later ones must not overtake them.
  if (more_ || filling_ || runs_.size() >= runs_max) {
    more_ = true;
    return;
  }
  insert(run);
}

void ready_window::fill(const std::vector<ready_run>& runs, bool complete) {
  filling_ = false;
  more_ = more_ || !complete;
  for (const auto& run : runs)
    if (!known(run.run))
      insert(run);
}

bool ready_window::has(bool alone) const noexcept {
  return std::ranges::find(runs_, alone, &ready_run::alone) != runs_.end();
}

std::optional<ready_run> ready_window::pop(bool alone) {
  auto at = std::ranges::find(runs_, alone, &ready_run::alone);
  if (at == runs_.end())
    return std::nullopt;
  auto result = *at;
  runs_.erase(at);
  in_.erase(result.run);
  offered_.insert(result.run);
  return result;
}

void ready_window::clear() {
  runs_.clear();
  in_.clear();
  more_ = false;
}

} // namespace heddle::actors
