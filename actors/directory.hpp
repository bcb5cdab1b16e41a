#pragma once

#include "actors/protocol/thread.hpp"
#include "heddle/ids.hpp"

#include <boost/unordered/unordered_flat_map.hpp>
#include <caf/send.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace heddle::actors {

/// thread_id -> live thread actor. Not an actor: 256 shards, each under its own
/// mutex, held only for the look-up. Any thread.
///
/// An actor that has nothing to do retires: its entry goes under the lock, and
/// what reaches it afterwards it sends through the directory again.
class directory {
public:
  /// Tells one life of a thread's actor from the next.
  using generation = std::uint64_t;

  /// Spawns the actor of a thread. `orphaned`: the one before died of a bug, so
  /// something may be left executing that nobody owns.
  using spawner
    = std::function<thread_actor(const thread_id&, generation, bool orphaned)>;

  explicit directory(spawner spawn) : spawn_(std::move(spawn)) {}

  /// Sends to the actor of `thread`, which is spawned if there is none.
  /// Messages are dropped (and their replies say so) after `close`.
  template <class Message>
  void tell(const thread_id& thread, Message msg) {
    if (auto actor = find_or_spawn(thread))
      caf::anon_send(actor, std::move(msg));
  }

  template <class Message>
  void tell_urgent(const thread_id& thread, Message msg) {
    if (auto actor = find_or_spawn(thread))
      caf::anon_send<caf::message_priority::high>(actor, std::move(msg));
  }

  /// Sends to the actor of `thread` only if it lives. False if it does not.
  template <class Message>
  bool tell_live(const thread_id& thread, Message msg) {
    auto actor = find(thread);
    if (!actor)
      return false;
    caf::anon_send(actor, std::move(msg));
    return true;
  }

  /// Whether an actor of `thread` lives, as of now.
  bool lives(const thread_id& thread) { return find(thread) != nullptr; }

  /// Sends a copy to every live one, in the order of their ids.
  template <class Message>
  void tell_all(const Message& msg) {
    for (auto& actor : all())
      caf::anon_send(actor, msg);
  }

  /// Takes the actor of that generation out. Called by itself.
  void retire(const thread_id& thread, generation which);

  /// The same for one that dies of a bug: its successor is told.
  void bury(const thread_id& thread, generation which);

  /// Empties the directory and spawns no more. Returns what lived.
  std::vector<thread_actor> close();

  std::size_t size() const;

private:
  struct entry {
    thread_actor actor;
    generation which = 0;
  };

  struct shard {
    mutable std::mutex mutex; // Guards the rest.
    boost::unordered_flat_map<thread_id, entry, std::hash<thread_id>> live;
    std::vector<thread_id> orphans;
    generation last = 0;
    bool closed = false;
  };

  shard& shard_of(const thread_id& thread) noexcept;
  thread_actor find(const thread_id& thread);
  thread_actor find_or_spawn(const thread_id& thread);
  std::vector<thread_actor> all();

  spawner spawn_;
  std::array<shard, 256> shards_;
};

} // namespace heddle::actors
