#include "actors/cancel_write.hpp"

#include <algorithm>

namespace heddle::actors {

using kind = cancel_outcome::kind;

cancelled_runs write_cancel(write_tx& tx, const thread_id& thread,
                            const cancel_runs& what, timestamp now) {
  cancelled_runs result;
  for (const auto& run : what.runs)
    result.outcomes.emplace_back(
      run, tx.cancel_run(thread, run, what.action, what.reason, now));
  if (std::ranges::any_of(result.outcomes, [](const auto& at) {
        return at.second.advance.has_value();
      }))
    result.head = head_of(tx, thread);
  return result;
}

bool is_stopping(const cancel_outcome& met) noexcept {
  return met.what == kind::raised || met.what == kind::already;
}

cancel_receipt::outcome receipt_of(const cancel_outcome& met,
                                   cancel_action action) noexcept {
  using outcome = cancel_receipt::outcome;
  switch (met.what) {
    case kind::ended:
      return action == cancel_action::rollback ? outcome::rolled_back
                                               : outcome::interrupted;
    case kind::raised:
    case kind::already: return outcome::stopping;
    case kind::terminal: return outcome::finished;
    case kind::absent: return outcome::not_found;
  }
  return outcome::not_found;
}

} // namespace heddle::actors
