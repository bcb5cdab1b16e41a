#include "http/slow_answer.hpp"

#include "heddle/json.hpp"
#include "http/context.hpp"
#include "http/run_follower.hpp"

#include <utility>

namespace heddle::http {

slow_answer::slow_answer(responder respond, context& ctx, std::string headers)
  : respond_(std::move(respond)), ctx_(ctx), headers_(std::move(headers)) {
  // nop
}

void slow_answer::start() {
  timer_ = ctx_.rt.after(ctx_.opts.heartbeat, [weak = weak_from_this()] {
    auto self = weak.lock();
    if (!self)
      return;
    self->respond_.on_shard([self] {
      if (self->over_ || !self->open())
        return;
      self->respond_.send(self->heartbeat());
      self->respond_.flush();
    });
  });
}

void slow_answer::done(result<std::string> document) {
  respond_.on_shard(
    [self = shared_from_this(), document = std::move(document)] {
      self->finish(document);
    });
}

bool slow_answer::open() {
  if (open_)
    return true;
  auto head
    = follow_head(run_follower::style::document, std::exchange(headers_, {}));
  open_ = respond_.open(std::move(head), shared_from_this())
          == responder::opened::yes;
  over_ = over_ || !open_;
  return open_;
}

void slow_answer::finish(const result<std::string>& document) {
  if (std::exchange(over_, true))
    return;
  ctx_.rt.cancel(timer_);
  if (!document && !open_)
    return respond_(ctx_.failure(document.error()));
  if (!open())
    return;
  if (document) {
    respond_.send(*document);
  } else {
    auto why = ctx_.failure(document.error());
    auto text = std::to_string(why.status) + ": " + document.error().detail;
    respond_.send(R"({"__error__":{"error":"HTTPException","message":)"
                  + json_quote(text) + "}}");
  }
  respond_.end(true);
}

void slow_answer::on_cut(bool) {
  over_ = true; // Only its waiting is withdrawn; what was asked for stands.
}

} // namespace heddle::http
