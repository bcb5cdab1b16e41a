#include "heddle/events.hpp"

#include "heddle/server_thread.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

namespace heddle {

namespace {

error not_over() {
  return {errc::conflict, "There may be more events."};
}

error gave_up(const std::stop_token& stop) {
  return {errc::unavailable, stop.stop_requested()
                               ? "Whoever waited was asked to stop."
                               : "There was no event in time."};
}

} // namespace

/// What arrives on the server's threads and is taken out by another.
class events::queue final : public run_reader {
public:
  queue(server& srv, read_options how) : srv_(srv), how_(std::move(how)) {}

  const follow_options& follow() const noexcept { return how_.follow; }

  void push(std::span<const event_ptr> fresh) override {
    std::unique_lock lock{mutex_};
    if (over_)
      return;
    if (unread_bytes_ > how_.unread_bytes_max)
      return leave(std::move(lock), stream_end{end_reason::overrun, {}});
    for (const auto& event : fresh) {
      unread_.push_back(event);
      unread_bytes_ += event->wire.size();
    }
    wake_.notify_all();
  }

  void end(stream_end last) override {
    std::lock_guard guard{mutex_};
    if (over_)
      return;
    over_ = std::move(last);
    wake_.notify_all();
  }

  void created(result<server::created_run> made) {
    if (!made)
      return refused(made.error());
    std::unique_lock lock{mutex_};
    run_ = std::move(made->run);
    wake_.notify_all();
    placed(std::move(lock), made->place);
  }

  void opened(const result<follower>& place) {
    if (!place)
      return refused(place.error());
    placed(std::unique_lock{mutex_}, *place);
  }

  result<run_record> run() {
    std::unique_lock lock{mutex_};
    wait(lock, [this] { return run_ || over_; });
    if (run_)
      return *run_;
    return over_ && !*over_ ? over_->error() : not_over();
  }

  event_ptr next() {
    std::unique_lock lock{mutex_};
    wait(lock, [this] { return !unread_.empty() || over_; });
    if (unread_.empty())
      return nullptr;
    auto event = std::move(unread_.front());
    unread_.pop_front();
    unread_bytes_ -= event->wire.size();
    return event;
  }

  result<stream_end> ended() {
    std::lock_guard guard{mutex_};
    return over_ && unread_.empty() ? *over_ : not_over();
  }

  void abandon() {
    std::unique_lock lock{mutex_};
    unread_.clear();
    if (!over_)
      leave(std::move(lock), not_over());
  }

private:
  template <class Ready>
  void wait(std::unique_lock<std::mutex>& lock, Ready ready) {
    if (ready())
      return;
    if (on_server_thread())
      return leave_and_lock(
        lock, error{errc::conflict,
                    "A thread of the server must not wait for the server."});
    if (!wake_.wait_until(lock, how_.stop, how_.deadline, ready))
      leave_and_lock(lock, gave_up(how_.stop));
  }

  void leave_and_lock(std::unique_lock<std::mutex>& lock,
                      result<stream_end> why) {
    leave(std::move(lock), std::move(why));
    lock = std::unique_lock{mutex_};
  }

  /// Gives up before the end.
  void leave(std::unique_lock<std::mutex> lock, result<stream_end> why) {
    over_ = std::move(why);
    left_ = true;
    auto place = place_;
    wake_.notify_all();
    lock.unlock();
    if (place)
      srv_.leave(*place, true);
  }

  void placed(std::unique_lock<std::mutex> lock, const follower& place) {
    place_ = place;
    auto left = left_;
    lock.unlock();
    if (left)
      srv_.leave(place, true);
  }

  void refused(const error& why) {
    std::lock_guard guard{mutex_};
    if (!over_)
      over_ = why;
    wake_.notify_all();
  }

  server& srv_;
  const read_options how_;
  std::mutex mutex_; // Guards what follows.
  std::condition_variable_any wake_;
  std::deque<event_ptr> unread_;
  std::size_t unread_bytes_ = 0;
  std::optional<follower> place_;
  std::optional<run_record> run_;
  std::optional<result<stream_end>> over_;
  bool left_ = false; ///< Before its end was told.
};

events::events(server& srv, const thread_id& thread, const run_id& run,
               read_options how)
  : queue_(std::make_shared<queue>(srv, std::move(how))) {
  srv.follow_run(
    thread, run, queue_, queue_->follow(),
    [to = queue_](const result<follower>& place) { to->opened(place); });
}

events::events(server& srv, std::optional<thread_id> thread, run_create what,
               read_options how)
  : queue_(std::make_shared<queue>(srv, std::move(how))) {
  srv.create_run(thread, std::move(what), queue_, queue_->follow(),
                 [to = queue_](result<server::created_run> made) {
                   to->created(std::move(made));
                 });
}

events::events(events&&) noexcept = default;

events& events::operator=(events&& other) noexcept {
  std::swap(queue_, other.queue_);
  return *this;
}

events::~events() {
  if (queue_)
    queue_->abandon();
}

result<run_record> events::run() {
  return queue_->run();
}

event_ptr events::next() {
  return queue_->next();
}

result<stream_end> events::ended() const {
  return queue_->ended();
}

} // namespace heddle
