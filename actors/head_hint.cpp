#include "actors/head_hint.hpp"

namespace heddle::actors {

/// The first run in order is nearly always the head; if marked ones stand in
/// front of it, the dispatcher looks for itself.
head_hint head_of(write_tx& tx, const thread_id& thread) {
  constexpr std::size_t near = 4;
  auto rows = tx.live_rows(thread, near);
  for (const auto& row : rows)
    if (row.head && row.status == run_status::pending && !row.cancel)
      return {row, tx.graph_of(row.n), false};
  return {std::nullopt, {}, rows.size() == near};
}

void follow_head(environment& env, const thread_id& thread,
                 const head_hint& hint) {
  const auto& head = hint.head;
  auto kind = env.graphs.kind_of(hint.graph);
  if (head && head->due > env.clock.now())
    env.dispatchers.tell(kind, due_hint{head->due});
  else if (head)
    env.dispatchers.tell(
      kind,
      ready_hint{{{head->due, head->n}, head->id, thread, head->alone()}});
  else if (hint.unknown)
    env.dispatchers.tell_all(refill{});
}

} // namespace heddle::actors
