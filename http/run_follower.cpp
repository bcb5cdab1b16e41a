#include "http/run_follower.hpp"

#include "http/context.hpp"

#include <algorithm>
#include <utility>

namespace heddle::http {

namespace {

constexpr std::string_view not_found_data
  = R"({"error":"HTTPException","message":"404: Run not found"})";

constexpr std::string_view resume_gap_data
  = R"({"error":"resume_gap","message":)"
    R"("Events after the given Last-Event-ID are not kept any more"})";

} // namespace

reply follow_head(run_follower::style how, std::string headers) {
  reply r;
  r.headers = std::move(headers);
  if (how == run_follower::style::document) {
    r.type = "application/json";
    return r;
  }
  r.type = "text/event-stream; charset=utf-8";
  add_header(r.headers, "cache-control", "no-store");
  r.says_keep_alive = true;
  add_header(r.headers, "x-accel-buffering", "no");
  return r;
}

run_follower::run_follower(responder respond, context& ctx, style how)
  : respond_(std::move(respond)), ctx_(ctx), how_(how) {
  // nop
}

std::string_view run_follower::heartbeat() const noexcept {
  return how_ == style::events ? ": heartbeat\r\n\r\n" : "\n";
}

// -- any thread ---------------------------------------------------------------

void run_follower::push(std::span<const event_ptr> events) {
  std::unique_lock lock{mutex_};
  if (over_ || how_ == style::document)
    return;
  for (const auto& event : events) {
    arrived_.events.push_back(event);
    arrived_.events_bytes += event->wire.size();
  }
  wake(std::move(lock));
}

void run_follower::end(stream_end last) {
  std::unique_lock lock{mutex_};
  if (over_)
    return;
  arrived_.end = std::move(last);
  wake(std::move(lock));
}

void run_follower::opened(result<follower> place, std::string headers) {
  std::unique_lock lock{mutex_};
  arrived_.place = std::move(place);
  arrived_.headers = std::move(headers);
  wake(std::move(lock));
}

void run_follower::wake(std::unique_lock<std::mutex> lock) {
  if (std::exchange(arrived_.posted, true))
    return;
  lock.unlock();
  respond_.post([self = shared_from_this()] { self->take_turn(); });
}

// -- the shard ----------------------------------------------------------------

void run_follower::take_turn() {
  arrived now;
  {
    std::lock_guard guard{mutex_};
    now = std::exchange(arrived_, {});
  }
  if (now.place)
    begin(*now.place, std::move(now.headers));
  if (!now.events.empty())
    take_events(std::move(now.events), now.events_bytes);
  if (now.end)
    take_end(std::move(*now.end));
  if (streaming_)
    respond_.flush();
}

void run_follower::begin(const result<follower>& place, std::string headers) {
  if (!place) {
    stop_collecting();
    return respond_(ctx_.failure(place.error()));
  }
  place_ = *place;
  switch (
    respond_.open(follow_head(how_, std::move(headers)), shared_from_this())) {
    case responder::opened::yes: break;
    case responder::opened::cut_by_us: return leave(false);
    case responder::opened::cut_by_peer: return leave(true);
  }
  streaming_ = true;
  if (!early_.empty())
    take_events(std::exchange(early_, {}), std::exchange(early_bytes_, 0));
  if (early_end_)
    finish(*early_end_);
}

void run_follower::take_end(stream_end last) {
  if (streaming_)
    return finish(last);
  if (place_)
    return;
  // Its place is still to come, and so is the head.
  if (last.why == end_reason::unavailable)
    respond_(problem(503, "The server is shutting down"));
  early_end_ = std::move(last);
}

// The first events may be a replay: they are shared with the run's log, and the
// reader may take its time for them. What is live must be taken.
void run_follower::take_events(std::vector<event_ptr> events,
                               std::size_t bytes) {
  if (!place_) {
    early_.insert(early_.end(), events.begin(), events.end());
    early_bytes_ += bytes;
    return;
  }
  if (!streaming_)
    return;
  auto unsent = respond_.unsent();
  replayed_ = std::min(replayed_, unsent);
  if (unsent - replayed_ > ctx_.opts.unsent_bytes_max)
    return cut();
  if (unsent == 0 && replayed_ == 0)
    replayed_ = bytes;
  respond_.send(events);
}

void run_follower::finish(const stream_end& last) {
  streaming_ = false;
  stop_collecting();
  if (last.why == end_reason::unavailable)
    respond_.end(false); // The run is not over, and this must not look so.
  else if (how_ == style::events)
    finish_events(last);
  else
    finish_document(last);
}

void run_follower::finish_events(const stream_end& last) {
  auto fail = [&](std::string_view data) {
    event_ptr event = make_event("error", json_text{std::string{data}});
    respond_.send({&event, 1});
  };
  if (last.why == end_reason::not_found)
    fail(not_found_data);
  else if (last.why == end_reason::resume_gap)
    fail(resume_gap_data);
  respond_.end(true);
}

void run_follower::finish_document(const stream_end& last) {
  if (last.why == end_reason::not_found)
    respond_.send(
      json_text{"{\"__error__\":" + std::string{not_found_data} + "}"});
  else
    respond_.send(last.document.empty() ? json_text{"{}"} : last.document);
  respond_.end(true);
}

void run_follower::cut() {
  leave(false);
  respond_.end(false);
}

void run_follower::on_cut(bool by_peer) {
  if (streaming_)
    leave(by_peer);
}

void run_follower::leave(bool disconnected) {
  streaming_ = false;
  stop_collecting();
  ctx_.srv.leave(*place_, disconnected);
}

void run_follower::stop_collecting() {
  std::lock_guard guard{mutex_};
  over_ = true;
  arrived_.events.clear();
}

} // namespace heddle::http
