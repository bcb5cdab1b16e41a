#pragma once

#include <caf/actor_control_block.hpp>

#include <condition_variable>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>

namespace heddle::actors {

/// The actors of a server that programs have handles of. They use the server,
/// so all of them end before it goes. Any thread.
class guests {
public:
  /// Before its first message. @returns false if it must not begin any more.
  bool enter(const caf::strong_actor_ptr& who);

  /// It uses the server no more.
  void leave(caf::actor_id who);

  /// Lets nobody in any more, tells who is here to exit, and waits until all
  /// have left. Idempotent. Not on a thread that they need.
  void close();

private:
  std::mutex mutex_; // Guards what follows.
  std::condition_variable left_;
  std::map<caf::actor_id, caf::weak_actor_ptr> here_;
  bool closed_ = false;
};

using guests_ptr = std::shared_ptr<guests>;

} // namespace heddle::actors
