#include "actors/audience.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

namespace heddle::actors {

namespace {

/// `ms-seq` as a pair; events without an id sort before all others.
std::pair<std::int64_t, std::int64_t> position(const std::string& id) {
  std::pair<std::int64_t, std::int64_t> result{-1, -1};
  auto dash = id.find('-');
  if (dash == std::string::npos)
    return result;
  std::from_chars(id.data(), id.data() + dash, result.first);
  std::from_chars(id.data() + dash + 1, id.data() + id.size(), result.second);
  return result;
}

} // namespace

std::uint64_t audience::add(std::shared_ptr<run_reader> reader,
                            follow_options how, bool live) {
  member joined;
  joined.no = ++last_;
  joined.reader = std::move(reader);
  joined.live = live;
  joined.how = std::move(how);
  members_.push_back(std::move(joined));
  return last_;
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
    if (member.live)
      deliver(member, events);
    else
      member.backlog.insert(member.backlog.end(), events.begin(), events.end());
  }
}

audience::member* audience::find(std::uint64_t no) {
  auto at = std::ranges::find(members_, no, &member::no);
  return at == members_.end() ? nullptr : &*at;
}

void audience::replay(std::uint64_t no, std::vector<event_ptr> stored) {
  auto* to = find(no);
  if (!to || to->live)
    return;
  auto last = stored.empty() ? std::pair<std::int64_t, std::int64_t>{-2, 0}
                             : position(stored.back()->id);
  for (auto& event : std::exchange(to->backlog, {}))
    if (position(event->id) > last)
      stored.push_back(std::move(event));
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
  if (to.how.wait && why == end_reason::over)
    last.document
      = core::wait_document(to.seen, to.how.fallback ? thread : nullptr);
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
