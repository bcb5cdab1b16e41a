#pragma once

#include "actors/protocol/worker.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

namespace heddle::actors {

/// Numbers the kinds of workers of a server, in their order. Graphs that no
/// kind serves count to the first.
using kind_no = std::size_t;

/// The dispatchers, one per kind of worker; none, where nothing is executed.
/// Filled before other actors are spawned; then any thread may tell them.
class dispatchers {
public:
  void add(dispatcher_actor made) { all_.push_back(std::move(made)); }

  void clear() { all_.clear(); }

  std::size_t size() const noexcept { return all_.size(); }

  const std::vector<dispatcher_actor>& all() const noexcept { return all_; }

  /// False, and nothing is sent, if there is no such kind.
  template <class Message>
  bool tell(kind_no kind, Message msg) const {
    if (kind >= all_.size())
      return false;
    caf::anon_send(all_[kind], std::move(msg));
    return true;
  }

  template <class Message>
  void tell_all(const Message& msg) const {
    for (const auto& one : all_)
      caf::anon_send(one, msg);
  }

  /// Tells those that live by then.
  template <class Message>
  std::function<void()> telling_all(Message msg) const {
    std::vector<caf::weak_actor_ptr> weak;
    for (const auto& one : all_)
      weak.push_back(caf::actor_cast<caf::weak_actor_ptr>(one));
    return [weak = std::move(weak), msg] {
      for (const auto& one : weak)
        if (auto strong = one.lock())
          caf::anon_send(caf::actor_cast<dispatcher_actor>(strong), msg);
    };
  }

private:
  std::vector<dispatcher_actor> all_;
};

} // namespace heddle::actors
