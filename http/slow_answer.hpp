#pragma once

#include "heddle/error.hpp"
#include "http/responder.hpp"
#include "runtime/ports.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace heddle::http {

struct context;

/// One JSON document that may take its time. A failure that comes soon has its
/// status. After a heartbeat's time the head goes out, then a line feed now and
/// again; what fails after that is told in the document.
class slow_answer final : public stream_source,
                          public std::enable_shared_from_this<slow_answer> {
public:
  /// `headers`: lines of the head.
  slow_answer(responder respond, context& ctx, std::string headers);

  /// On the session's shard, before `done` can be called.
  void start();

  /// Any thread, once. A peer that has left does not hear it.
  void done(result<std::string> document);

private:
  void on_cut(bool by_peer) override;
  std::string_view heartbeat() const noexcept override { return "\n"; }

  bool open();
  void finish(const result<std::string>& document);

  const responder respond_;
  context& ctx_;
  std::string headers_;
  bool open_ = false;
  bool over_ = false;
  timer_source::id timer_ = 0;
};

} // namespace heddle::http
