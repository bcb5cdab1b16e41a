#include "http/context.hpp"
#include "http/session.hpp"

#include <utility>

namespace heddle::http {

void session::due_in(std::chrono::milliseconds delay) {
  deadline_ = clock::now() + delay;
  arm(deadline_);
}

// A deadline that moves further away leaves the timer alone: it fires, finds
// nothing due, and is set anew. So a request costs no timer operation.
void session::arm(clock::time_point when) {
  if (!timer_ || when >= armed_)
    return;
  armed_ = when;
  timer_->expires_at(when);
  timer_->async_wait(
    [self = shared_from_this()](const boost::system::error_code& failed) {
      if (!failed && self->wire_.open())
        self->on_timer();
    });
}

void session::on_timer() {
  armed_ = never;
  auto now = clock::now();
  auto stalled = wire_.stalled_since();
  if (stalled && now >= *stalled + ctx_->opts.write_stall_timeout)
    return drop(false, true);
  if (now >= beat_)
    beat();
  if (wire_.open() && now >= deadline_)
    on_deadline();
  if (!wire_.open())
    return;
  auto next = std::min(deadline_, beat_);
  if (stalled = wire_.stalled_since(); stalled)
    next = std::min(next, *stalled + ctx_->opts.write_stall_timeout);
  arm(next);
}

void session::on_deadline() {
  switch (phase_) {
    case phase::head:
      return head_timed_ ? refuse({408, "Request Timeout"}) : drop(false);
    case phase::body: return refuse({408, "Request Timeout"});
    case phase::busy:
      return answer(no_, problem(503, "The server took too long to answer"));
    case phase::streaming: deadline_ = never; return;
    case phase::closing: return drop(false);
  }
}

void session::on_eof() {
  eof_ = true;
  switch (phase_) {
    case phase::streaming:
      // Closed, or only done with sending? A closed peer answers what we write
      // now with a reset; the watch sees it. The other goes on reading.
      beat();
      wire_.watch(shared_from_this());
      return;
    case phase::head:
    case phase::body: phase_ = phase::closing; break;
    case phase::busy:
    case phase::closing: break;
  }
  flush();
}

void session::on_lost() {
  drop(true);
}

void session::close() {
  drop(false);
}

void session::drop(bool by_peer, bool reset) {
  if (!wire_.open())
    return;
  auto self = shared_from_this();
  dropped_by_peer_ = by_peer;
  phase_ = phase::closing;
  wire_.close(reset);
  timer_.reset();
  ctx_->sessions[shard_].erase(this);
  if (std::exchange(counted_, false))
    ctx_->connections.fetch_sub(1, std::memory_order_relaxed);
  if (auto source = std::exchange(source_, nullptr))
    source->on_cut(by_peer);
}

} // namespace heddle::http
