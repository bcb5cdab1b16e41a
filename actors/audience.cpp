#include "actors/audience.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <string_view>
#include <utility>

namespace heddle::actors {

namespace {

/// One sequence for all audiences: a leave that comes late must not meet who
/// joined after this audience, or its actor, had gone and come again.
std::atomic<std::uint64_t> last_reader{0};

} // namespace

/// Events without an id sort before all others.
audience::position audience::position_of(std::string_view id) {
  position result{-1, -1};
  auto dash = id.find('-');
  if (dash == std::string_view::npos)
    return result;
  std::from_chars(id.data(), id.data() + dash, result.first);
  std::from_chars(id.data() + dash + 1, id.data() + id.size(), result.second);
  return result;
}

std::uint64_t audience::add(std::shared_ptr<run_reader> reader,
                            follow_options how, arrival came) {
  member joined;
  joined.no = ++last_reader;
  joined.reader = std::move(reader);
  joined.live = came != arrival::replay;
  joined.joined = came != arrival::with_run;
  joined.how = std::move(how);
  members_.push_back(std::move(joined));
  return members_.back().no;
}

void audience::deliver(member& to, std::span<const event_ptr> events) {
  if (to.how.wait) {
    for (const auto& event : events)
      core::observe(to.seen, *event);
    return;
  }
  if (to.how.modes.empty())
    return to.reader->push(events);
  std::vector<event_ptr> wanted;
  for (const auto& event : events)
    if (passes_modes(event->name, to.how.modes))
      wanted.push_back(event);
  if (!wanted.empty())
    to.reader->push(wanted);
}

void audience::publish(std::span<const event_ptr> events) {
  for (auto& member : members_) {
    if (!member.live) {
      member.backlog.insert(member.backlog.end(), events.begin(), events.end());
      continue;
    }
    auto fresh = events;
    while (member.replayed && !fresh.empty()) {
      if (position_of(fresh.front()->id) > *member.replayed)
        member.replayed.reset(); // From here on they all are.
      else
        fresh = fresh.subspan(1);
    }
    if (!fresh.empty())
      deliver(member, fresh);
  }
}

audience::member* audience::find(std::uint64_t no) {
  auto at = std::ranges::find(members_, no, &member::no);
  return at == members_.end() ? nullptr : &*at;
}

void audience::replay(std::uint64_t no, std::vector<event_ptr> stored,
                      std::string_view has) {
  auto* to = find(no);
  if (!to || to->live)
    return;
  if (!has.empty())
    to->replayed = position_of(has);
  if (!stored.empty())
    to->replayed = position_of(stored.back()->id);
  for (auto& event : std::exchange(to->backlog, {}))
    if (!to->replayed || position_of(event->id) > *to->replayed)
      stored.push_back(std::move(event));
  if (!stored.empty())
    to->replayed = position_of(stored.back()->id);
  to->live = true;
  if (!stored.empty())
    deliver(*to, stored);
  if (!to->ended)
    return;
  auto reader = std::move(to->reader);
  auto farewell = *std::move(to->ended);
  remove(no);
  reader->end(std::move(farewell));
}

std::optional<follow_options> audience::remove(std::uint64_t no) {
  auto at = std::ranges::find(members_, no, &member::no);
  if (at == members_.end())
    return std::nullopt;
  auto how = std::move(at->how);
  members_.erase(at);
  return how;
}

stream_end audience::farewell(const member& to, end_reason why,
                              const thread_record* thread) {
  stream_end last{why, {}};
  if (!to.how.wait || why != end_reason::over)
    return last;
  // A join tells what the thread shows, and of this run that is nothing.
  bool undone = to.joined && !thread;
  last.document = core::wait_document(undone ? core::wait_seen{} : to.seen,
                                      to.how.fallback ? thread : nullptr);
  return last;
}

void audience::end(end_reason why, const thread_record* thread) {
  std::vector<member> waiting;
  for (auto& member : std::exchange(members_, {})) {
    if (!member.live && member.how.wait)
      deliver(member, std::exchange(member.backlog, {}));
    auto last = farewell(member, why, thread);
    if (member.live || why == end_reason::unavailable) {
      member.reader->end(std::move(last));
      continue;
    }
    member.ended = std::move(last); // After its replay.
    waiting.push_back(std::move(member));
  }
  members_ = std::move(waiting);
}

void audience::end(std::uint64_t no, end_reason why,
                   const thread_record* thread) {
  auto* to = find(no);
  if (!to)
    return;
  auto reader = to->reader;
  auto last = farewell(*to, why, thread);
  remove(no);
  reader->end(std::move(last));
}

bool audience::needs_thread() const noexcept {
  return std::ranges::any_of(
    members_, [](const member& m) { return m.how.wait && m.how.fallback; });
}

} // namespace heddle::actors
