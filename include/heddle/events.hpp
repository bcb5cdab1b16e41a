#pragma once

#include "heddle/error.hpp"
#include "heddle/requests.hpp"
#include "heddle/server.hpp"
#include "heddle/stream.hpp"

#include <chrono>
#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <stop_token>

namespace heddle::inline v0 {

/// How to read the events of a run one after the other.
struct read_options {
  follow_options follow;
  /// What may wait to be read. When more arrives while that much waits, the
  /// reader is too slow: it gets what waits, and then `end_reason::overrun`.
  /// The run is not slowed down. A replay comes as one piece and is let
  /// through.
  std::size_t unread_bytes_max = 1U << 20U;
  /// When to give up waiting.
  std::chrono::steady_clock::time_point deadline
    = std::chrono::steady_clock::time_point::max();
  /// Another way to give up.
  std::stop_token stop;
};

/// The events of a run, to be pulled:
///
///     heddle::events news{*srv, thread, run};
///     for (const auto& event : news)
///       use(event.name, event.data);
///     if (!news.ended()) ...
///
/// Waiting is refused on a thread of a server. One OS thread at a time. It goes
/// before its server does, or has been told its end.
class events {
public:
  /// Follows a run, also one that is over.
  events(server& srv, const thread_id& thread, const run_id& run,
         read_options how = {});

  /// Creates a run (see `server::create_run`), and follows it from its first
  /// event on.
  events(server& srv, std::optional<thread_id> thread, run_create what,
         read_options how = {});

  events(events&&) noexcept;
  events& operator=(events&&) noexcept;

  /// Leaves the run, if it has not ended. That cancels it if
  /// `follow.cancel_on_disconnect` says so.
  ~events();

  /// The run that was created. Waits for it, as `next` does.
  result<run_record> run();

  /// Waits for the next event. Null: there is none any more, see `ended`.
  event_ptr next();

  /// Why `next` gave none. Errors:
  /// - `errc::unavailable`: the deadline, or a stop was asked for.
  /// - `errc::conflict`: on a thread of a server nobody may wait. Or there may
  ///   be more events: `next` has not said that it is over.
  /// - what creating the run answers.
  result<stream_end> ended() const;

  /// For `for`. Moving on waits.
  class iterator {
  public:
    using value_type = stream_event;
    using difference_type = std::ptrdiff_t;

    iterator() = default;
    explicit iterator(events* from) : from_(from), at_(from->next()) {}

    const stream_event& operator*() const noexcept { return *at_; }
    const stream_event* operator->() const noexcept { return at_.get(); }

    iterator& operator++() {
      at_ = from_->next();
      return *this;
    }
    void operator++(int) { ++*this; }

    bool operator==(std::default_sentinel_t) const noexcept { return !at_; }

  private:
    events* from_ = nullptr;
    event_ptr at_;
  };

  /// Waits for the first event.
  iterator begin() { return iterator{this}; }
  /// When `next` gives nothing.
  std::default_sentinel_t end() const noexcept { return {}; }

private:
  class queue;
  std::shared_ptr<queue> queue_;
};

} // namespace heddle::inline v0
