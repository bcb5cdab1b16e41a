#pragma once

#include "actors/head_hint.hpp"
#include "actors/protocol/thread.hpp"

#include <utility>
#include <vector>

// A cancel by ids as one transaction: the row decides, whoever asks it.

namespace heddle::actors {

struct cancelled_runs {
  std::vector<std::pair<run_id, cancel_outcome>> outcomes; ///< As asked.
  head_hint head;
};

/// Cancels `what.runs` of the thread. On the writer's thread.
cancelled_runs write_cancel(write_tx& tx, const thread_id& thread,
                            const cancel_runs& what, timestamp now);

/// The intent is committed, and the run executes: it has to be told.
bool is_stopping(const cancel_outcome& met) noexcept;

/// How the receipt calls it.
cancel_receipt::outcome receipt_of(const cancel_outcome& met,
                                   cancel_action action) noexcept;

} // namespace heddle::actors
