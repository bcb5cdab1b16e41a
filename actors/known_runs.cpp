#include "actors/known_runs.hpp"

#include <algorithm>

namespace heddle::actors {

known_runs::ticket known_runs::begin() noexcept {
  reading_ = true;
  return created_;
}

void known_runs::learn(ticket since, const std::vector<run_id>* ids) {
  reading_ = false;
  if (ids == nullptr || since != created_)
    return;
  many_ = ids->size() > runs_max;
  if (!many_)
    ids_.emplace(ids->begin(), ids->end());
}

void known_runs::add(const run_id& run) {
  ++created_;
  if (!ids_)
    return;
  ids_->insert(run);
  many_ = ids_->size() > runs_max;
  if (many_)
    ids_.reset();
}

bool known_runs::has_none_of(const std::vector<run_id>& runs) const {
  return ids_ && std::ranges::none_of(runs, [this](const auto& run) {
           return ids_->contains(run);
         });
}

} // namespace heddle::actors
