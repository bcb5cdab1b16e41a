#include "http/responder.hpp"

#include "http/context.hpp"
#include "http/session.hpp"

#include <utility>

namespace heddle::http {

responder::responder(std::shared_ptr<session> session, std::uint64_t no)
  : session_(std::move(session)), no_(no) {
  // nop
}

responder::~responder() = default;
responder::responder(const responder&) = default;
responder::responder(responder&&) noexcept = default;

void responder::operator()(reply r) const {
  if (session_->shared().rt.current_shard() == session_->shard())
    return session_->answer(no_, std::move(r));
  session_->shared().rt.run_on(
    session_->shard(), [s = session_, no = no_, r = std::move(r)]() mutable {
      s->answer(no, std::move(r));
    });
}

void responder::on_shard(std::function<void()> f) const {
  if (session_->shared().rt.current_shard() == session_->shard())
    f();
  else
    post(std::move(f));
}

void responder::post(std::function<void()> f) const {
  session_->shared().rt.run_on(session_->shard(), std::move(f));
}

responder::opened responder::open(reply head,
                                  std::shared_ptr<stream_source> source) const {
  return session_->open_stream(no_, std::move(head), std::move(source));
}

void responder::send(std::span<const event_ptr> events) const {
  session_->send(no_, events);
}

void responder::send(std::string_view text) const {
  session_->send(no_, text);
}

void responder::send(const json_text& document) const {
  session_->send(no_, document);
}

void responder::flush() const {
  session_->flush_stream(no_);
}

void responder::end(bool whole) const {
  session_->end_stream(no_, whole);
}

std::size_t responder::unsent() const noexcept {
  return session_->unsent();
}

} // namespace heddle::http
