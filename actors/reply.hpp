#pragma once

#include "heddle/error.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

namespace heddle::actors {

/// One answer, owed to someone outside the actor world. It travels in the
/// message that asks; copies share the debt. Whatever happens to the message,
/// the asker hears exactly once: when the last copy is dropped unanswered (in
/// the mailbox of a dead actor, in the state of a dying one), it hears
/// `errc::unavailable`.
///
/// Any thread. Has no deadline: the session that asks has one.
template <class T>
class reply {
public:
  /// Owes nobody anything.
  reply() = default;

  explicit reply(std::function<void(result<T>)> done)
    : debt_(std::make_shared<debt>(std::move(done))) {}

  /// Answers, unless that has happened already.
  void deliver(result<T> answer) const {
    if (debt_)
      debt_->settle(std::move(answer));
  }

private:
  struct debt {
    explicit debt(std::function<void(result<T>)> f) : done(std::move(f)) {}
    debt(const debt&) = delete;
    debt& operator=(const debt&) = delete;

    ~debt() { settle(error{errc::unavailable, "The request was dropped."}); }

    void settle(result<T> answer) {
      if (!settled.exchange(true))
        std::exchange(done, nullptr)(std::move(answer));
    }

    std::function<void(result<T>)> done;
    std::atomic<bool> settled = false;
  };

  std::shared_ptr<debt> debt_;
};

} // namespace heddle::actors
