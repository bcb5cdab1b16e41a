#include "actors/directory.hpp"

#include <algorithm>

namespace heddle::actors {

directory::shard& directory::shard_of(const thread_id& thread) noexcept {
  // Another byte than those that the table's hash leans on.
  return shards_[thread.bytes()[15]];
}

thread_actor directory::find(const thread_id& thread) {
  auto& home = shard_of(thread);
  std::lock_guard guard{home.mutex};
  auto at = home.live.find(thread);
  return at == home.live.end() ? thread_actor{} : at->second.actor;
}

thread_actor directory::find_or_spawn(const thread_id& thread) {
  auto& home = shard_of(thread);
  std::lock_guard guard{home.mutex};
  if (home.closed)
    return {};
  auto at = home.live.find(thread);
  if (at != home.live.end())
    return at->second.actor;
  bool orphaned = std::erase(home.orphans, thread) > 0;
  auto which = ++home.last;
  auto actor = spawn_(thread, which, orphaned);
  home.live.emplace(thread, entry{actor, which});
  return actor;
}

void directory::retire(const thread_id& thread, generation which) {
  auto& home = shard_of(thread);
  thread_actor last; // Let go of outside the lock.
  std::lock_guard guard{home.mutex};
  auto at = home.live.find(thread);
  if (at == home.live.end() || at->second.which != which)
    return;
  last = std::move(at->second.actor);
  home.live.erase(at);
}

void directory::bury(const thread_id& thread, generation which) {
  {
    auto& home = shard_of(thread);
    std::lock_guard guard{home.mutex};
    home.orphans.push_back(thread);
  }
  retire(thread, which);
}

std::vector<thread_actor> directory::close() {
  std::vector<thread_actor> result;
  for (auto& home : shards_) {
    std::lock_guard guard{home.mutex};
    home.closed = true;
    for (auto& [thread, live] : home.live)
      result.push_back(std::move(live.actor));
    home.live.clear();
  }
  return result;
}

std::vector<thread_actor> directory::all() {
  std::vector<std::pair<thread_id, thread_actor>> found;
  for (auto& home : shards_) {
    std::lock_guard guard{home.mutex};
    for (const auto& [thread, live] : home.live)
      found.emplace_back(thread, live.actor);
  }
  // Sorted, so that the simulator's schedules repeat.
  std::ranges::sort(found, {}, &std::pair<thread_id, thread_actor>::first);
  std::vector<thread_actor> result;
  result.reserve(found.size());
  for (auto& [thread, actor] : found)
    result.push_back(std::move(actor));
  return result;
}

std::size_t directory::size() const {
  std::size_t result = 0;
  for (const auto& home : shards_) {
    std::lock_guard guard{home.mutex};
    result += home.live.size();
  }
  return result;
}

} // namespace heddle::actors
