#include "actors/thread.hpp"

#include "actors/event_ids.hpp"
#include "core/cancel_texts.hpp"

// Readers: how they join, what they get first, how they end.

namespace heddle::actors {

namespace {

/// Replays are read in pages of this many events.
constexpr std::size_t replay_max = 100'000;

} // namespace

/// What the store says of a run that someone wants to follow.
struct thread_state::look {
  std::optional<run_record> run;
  std::optional<thread_record> thread;
  std::vector<event_row> events;
  std::string has;  ///< The last event it has, if that is kept.
  bool gap = false; ///< What was asked for is not kept any more.
};

follower thread_state::place_of(const run_id& run, std::uint64_t no) const {
  return {id_, run, no};
}

/// Joins first and looks then: what happens in between waits for the answer.
void thread_state::on_follow(const follow_run& msg) {
  after_creates([this, msg] {
    bool current = now_ && now_->ref.id == msg.run && !now_->leaving;
    bool live = current && !msg.how.last_event_id;
    auto no = audiences_[msg.run].add(msg.reader, msg.how,
                                      live ? audience::arrival::live
                                           : audience::arrival::replay);
    msg.done.deliver(place_of(msg.run, no));
    if (live)
      return;
    look_up(
      [thread = id_, run = msg.run, how = msg.how](read_tx& tx) {
        look result;
        result.run = tx.run(thread, run);
        if (how.wait && result.run && is_terminal(result.run->status))
          result.thread = tx.thread(thread);
        if (!result.run || !how.last_event_id || how.wait)
          return result;
        auto from = replay_from(*how.last_event_id);
        result.events = tx.events(run, before(from), replay_max);
        if (!result.events.empty() && result.events.front().id == from) {
          result.has = to_string(from);
          result.events.erase(result.events.begin());
        }
        // The first event of a run is its metadata, unless it was trimmed.
        auto first = tx.events(run, {-1, 0}, 1);
        result.gap = !first.empty() && first.front().name != "metadata"
                     && from < first.front().id;
        return result;
      },
      [this, msg, no](result<look> got) { found(msg, no, std::move(got)); });
  });
}

void thread_state::found(const follow_run& msg, std::uint64_t no,
                         result<look> got) {
  auto at = audiences_.find(msg.run);
  if (at == audiences_.end())
    return;
  auto& readers = at->second;
  if (got.has_error()) {
    readers.end(no, end_reason::unavailable, nullptr);
  } else if (!got->run) {
    // Gone before it came, or while it looked: then it was told already.
    readers.end(no, end_reason::not_found, nullptr);
  } else if (got->gap) {
    readers.end(no, end_reason::resume_gap, nullptr);
  } else {
    std::vector<event_ptr> stored;
    stored.reserve(got->events.size());
    for (auto& row : got->events)
      stored.push_back(make_event(std::move(row.name), std::move(row.data),
                                  to_string(row.id)));
    readers.replay(no, std::move(stored), got->has);
    if (is_terminal(got->run->status))
      readers.end(no, end_reason::over, got->thread ? &*got->thread : nullptr);
  }
  if (readers.empty())
    audiences_.erase(at);
}

void thread_state::on_leave(const leave_run& msg) {
  auto at = audiences_.find(msg.run);
  if (at == audiences_.end())
    return;
  auto how = at->second.remove(msg.no);
  if (at->second.empty())
    audiences_.erase(at);
  if (!how || !msg.disconnected || !how->cancel_on_disconnect)
    return;
  on_cancel({{msg.run},
             cancel_action::interrupt,
             core::cancel_reason({cancel_cause::kind::disconnect, false},
                                 cancel_action::interrupt),
             answer_after::intent,
             {}});
}

/// Ends the readers of a run. If a document needs the thread's values and they
/// are not at hand, they are read first.
void thread_state::end_audience(const run_id& run, end_reason why,
                                std::optional<run_status> status,
                                const std::optional<thread_record>& thread) {
  auto at = audiences_.find(run);
  if (at == audiences_.end())
    return;
  if (status && !thread && at->second.needs_thread())
    return look_up(
      [id = id_](read_tx& tx) { return tx.thread(id); },
      [this, run, why, status](result<std::optional<thread_record>> got) {
        thread_record none;
        if (got.has_error()) // Better no document than a wrong one.
          return end_audience(run, end_reason::unavailable, status, none);
        end_audience(run, why, status, *got ? **got : none);
      });
  at->second.end(why, status && thread ? &*thread : nullptr);
  if (at->second.empty())
    audiences_.erase(at);
}

} // namespace heddle::actors
