#pragma once

#include "actors/house.hpp"
#include "actors/server_impl.hpp"
#include "heddle/actors.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/make_message.hpp>
#include <caf/result.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <type_traits>
#include <utility>

// What the actors that programs talk to have in common: each turns messages
// into calls of `heddle::server`, whose answers come on any thread and are
// delivered on the actor's own turn.

namespace heddle::actors {

/// To be done on the actor's turn.
struct landed {
  std::function<void()> then;
};

} // namespace heddle::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::landed)

namespace heddle::actors {

caf::error to_caf(const error& why);

/// Has `then` done on the turn of an actor that may be gone.
inline void land(const caf::weak_actor_ptr& on, std::function<void()> then) {
  if (auto strong = on.lock())
    caf::anon_send(caf::actor_cast<caf::actor>(strong),
                   landed{std::move(then)});
}

/// The server, for one of its guests, and the requests that are not answered.
class guest_state {
public:
  static constexpr const char* name = "guest";

  guest_state() = default;

  /// Who still waits is told.
  ~guest_state() {
    for (auto& [ticket, fail] : waiting_)
      fail(to_caf({errc::unavailable, "The server has gone."}));
    if (visitors_)
      visitors_->leave(id_);
  }

  guest_state(const guest_state&) = delete;
  guest_state& operator=(const guest_state&) = delete;

  /// Only of a guest that was let in.
  server& srv() noexcept { return *srv_; }

  /// What a guest does first. If it is too late, as the server may be gone, it
  /// ends. @returns whether it may begin.
  template <class Self>
  bool enter(Self* self, server* srv, guests_ptr visitors) {
    caf::strong_actor_ptr me{self->ctrl()};
    if (!visitors->enter(me)) {
      self->quit(caf::exit_reason::user_shutdown);
      return false;
    }
    id_ = me->id();
    srv_ = srv;
    visitors_ = std::move(visitors);
    return true;
  }

  /// Whether someone waits for an answer.
  bool busy() const noexcept { return !waiting_.empty(); }

  /// A callback that delivers the answer of an operation to who asked.
  template <class Answer, class Self, class Given = Answer, class Make>
  caf::typed_response_promise<Answer>
  answer_later(Self* self, server::callback<Given>& done, Make make) {
    auto promise = self->template make_response_promise<Answer>();
    auto ticket = ++last_;
    waiting_[ticket]
      = [promise](caf::error why) mutable { promise.deliver(std::move(why)); };
    auto weak = caf::weak_actor_ptr{self->ctrl()};
    done = [this, weak, promise, ticket, make](result<Given> got) {
      auto then
        = [this, promise, ticket, make, got = std::move(got)]() mutable {
            waiting_.erase(ticket);
            if (got)
              promise.deliver(make(std::move(got)));
            else
              promise.deliver(to_caf(got.error()));
          };
      land(weak, std::move(then));
    };
    return promise;
  }

private:
  guests_ptr visitors_;
  server* srv_ = nullptr; ///< Outlives every guest that is in.
  caf::actor_id id_ = 0;
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, std::function<void(caf::error)>> waiting_;
};

} // namespace heddle::actors
