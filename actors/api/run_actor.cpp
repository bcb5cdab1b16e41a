#include "actors/api/operate.hpp"
#include "actors/api/outcome.hpp"
#include "actors/api/subscription.hpp"

#include <map>

namespace heddle::actors {

namespace {

using run_guest = run_handle::extend<caf::reacts_to<landed>>;

/// How long a subscriber may take for one batch.
constexpr std::chrono::seconds subscriber_patience{30};

/// Hears that the run is over.
class end_watcher final : public run_reader {
public:
  explicit end_watcher(std::function<void(end_reason)> tell)
    : tell_(std::move(tell)) {}

  void push(std::span<const event_ptr>) override {}
  void end(stream_end last) override { tell_(last.why); }

private:
  std::function<void(end_reason)> tell_;
};

/// Follows one run to its end, and passes on what it emits. Holds itself until
/// then, for those who monitor it or subscribed, and keep no handle.
class run_guest_state : public guest_state {
public:
  static constexpr const char* name = "run guest";

  using pointer = run_guest::stateful_pointer<run_guest_state>;

  explicit run_guest_state(pointer self) : self_(self) {}

  ~run_guest_state() {
    for (auto& [no, sub] : subscriptions_)
      drop(sub);
  }

  void begin(const thread_id& thread, const run_id& run) {
    me_ = self_->ctrl();
    thread_ = thread;
    run_ = run;
    follow_options how;
    how.wait = true;
    how.fallback = false;
    auto tell = [weak = weak(), this](end_reason why) {
      land(weak, [this, why] { on_end(why); });
    };
    srv().follow_run(thread, run, std::make_shared<end_watcher>(tell), how,
                     [tell](const result<follower>& place) {
                       if (!place)
                         tell(end_reason::unavailable);
                     });
  }

  void get(server::callback<run_record> done) {
    srv().get_run(thread_, run_, std::move(done));
  }

  void cancel(const msg::cancel& what, server::callback<cancel_receipt> done) {
    cancel_request request;
    request.what = cancel_by_ids{thread_, {run_}};
    request.action = what.action;
    request.after = what.after;
    request.receipt = true;
    srv().cancel(std::move(request), std::move(done));
  }

  void subscribe(msg::subscribe&& what, server::callback<void> done) {
    if (!what.to)
      return done(error{errc::invalid_argument, "There is no subscriber."});
    auto no = ++last_;
    auto wake
      = [weak = weak(), this, no] { land(weak, [=, this] { look(no); }); };
    auto& sub = subscriptions_[no];
    sub.to = std::move(what.to);
    sub.queue = std::make_shared<event_queue>(what.unread_bytes_max, wake);
    srv().follow_run(thread_, run_, sub.queue, std::move(what.how),
                     [weak = weak(), this, no,
                      done = std::move(done)](result<follower> place) {
                       land(weak, [=, this] { placed(no, place, done); });
                     });
  }

  /// Tells who has heard all that it was all, and ends when nobody is left who
  /// listens or waits. To be called after everything that happens.
  void settle() {
    std::erase_if(subscriptions_, [this](auto& entry) {
      auto& sub = entry.second;
      if (!sub.ended || sub.sending
          || (*sub.ended == end_reason::over && !over_))
        return false;
      auto status = *sub.ended == end_reason::over ? status_ : std::nullopt;
      self_->send(sub.to, msg::run_ended{run_, *sub.ended, status});
      return true;
    });
    if (!over_ || !subscriptions_.empty() || busy())
      return;
    if (*over_ == end_reason::unavailable)
      self_->quit(caf::exit_reason::user_shutdown);
    else if (status_)
      self_->quit(outcome_reason(*status_));
    else
      self_->quit(to_caf({errc::not_found, "The run is gone."}));
  }

private:
  struct subscription {
    run_subscriber to;
    std::shared_ptr<event_queue> queue;
    std::optional<follower> place;
    bool sending = false;
    std::optional<end_reason> ended;
  };

  caf::weak_actor_ptr weak() { return caf::weak_actor_ptr{self_->ctrl()}; }

  void placed(std::uint64_t no, const result<follower>& place,
              const server::callback<void>& done) {
    auto at = subscriptions_.find(no);
    if (place && at != subscriptions_.end())
      at->second.place = *place;
    else if (place)
      srv().leave(*place, true);
    if (!place && at != subscriptions_.end())
      subscriptions_.erase(at);
    done(place ? result<void>{} : place.error());
  }

  /// Sends what has arrived, unless what was sent before is not handled yet.
  void look(std::uint64_t no) {
    auto at = subscriptions_.find(no);
    if (at == subscriptions_.end() || at->second.sending)
      return;
    auto& sub = at->second;
    auto news = sub.queue->take();
    if (news.overrun)
      drop(sub);
    if (!news.events.empty()) {
      sub.sending = true;
      self_
        ->request(sub.to, subscriber_patience,
                  msg::run_events{run_, std::move(news.events)})
        .then([this, no] { handled(no); },
              [this, no](const caf::error&) { lose(no); });
    }
    if (news.end)
      sub.ended = *news.end;
  }

  void handled(std::uint64_t no) {
    auto at = subscriptions_.find(no);
    if (at == subscriptions_.end())
      return;
    at->second.sending = false;
    look(no);
    settle();
  }

  void lose(std::uint64_t no) {
    auto at = subscriptions_.find(no);
    if (at == subscriptions_.end())
      return;
    drop(at->second);
    subscriptions_.erase(at);
    settle();
  }

  /// It is told nothing more.
  void drop(subscription& sub) {
    if (sub.place)
      srv().leave(*std::exchange(sub.place, std::nullopt), true);
  }

  void on_end(end_reason why) {
    if (why != end_reason::over)
      return over(why, std::nullopt);
    get([weak = weak(), this](result<run_record> now) {
      land(weak, [=, this] {
        if (now)
          return over(end_reason::over, now->status);
        auto gone = now.error().code == errc::not_found;
        over(gone ? end_reason::over : end_reason::unavailable, std::nullopt);
      });
    });
  }

  void over(end_reason why, std::optional<run_status> status) {
    over_ = why;
    status_ = status;
  }

  pointer self_;
  caf::strong_actor_ptr me_;
  thread_id thread_;
  run_id run_;
  std::map<std::uint64_t, subscription> subscriptions_;
  std::uint64_t last_ = 0;
  std::optional<end_reason> over_;
  std::optional<run_status> status_;
};

void operate(run_guest_state& s, const msg::get_record&,
             answer_to<run_record> done) {
  s.get(std::move(done));
}

void operate(run_guest_state& s, const msg::cancel& what,
             answer_to<cancel_receipt> done) {
  s.cancel(what, std::move(done));
}

void operate(run_guest_state& s, msg::subscribe&& what, answer_to<void> done) {
  s.subscribe(std::move(what), std::move(done));
}

run_guest::behavior_type run_behavior(run_guest_state::pointer self) {
  return {
    on<msg::get_record>(self),
    on<msg::cancel>(self),
    on<msg::subscribe>(self),
    [self](const landed& what) {
      what.then();
      self->state.settle();
    },
  };
}

} // namespace

run_handle spawn_run_guest(server& srv, const thread_id& thread,
                           const run_id& run) {
  return actor_system_of(srv).spawn(
    [](run_guest_state::pointer self, server* where, guests_ptr in,
       thread_id of, run_id which) {
      if (self->state.enter(self, where, std::move(in)))
        self->state.begin(of, which);
      return run_behavior(self);
    },
    &srv, srv.internals().home.visitors(), thread, run);
}

} // namespace heddle::actors
