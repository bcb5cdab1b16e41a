#include "http/context.hpp"
#include "http/session.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace heddle::http {

namespace {

/// The size line of a chunk.
std::string_view chunk_head(std::size_t bytes, std::array<char, 24>& into) {
  auto* end = std::to_chars(into.data(), into.data() + 16, bytes, 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  return {into.data(), static_cast<std::size_t>(end - into.data())};
}

} // namespace

bool session::answers(std::uint64_t no, phase p) const noexcept {
  return no == no_ && phase_ == p && wire_.open();
}

void session::answer(std::uint64_t no, reply r) {
  if (!answers(no, phase::busy))
    return;
  close_ = close_ || r.close;
  put(std::move(r), framing::kind::length);
  finish_request();
  resume();
}

responder::opened session::open_stream(std::uint64_t no, reply head,
                                       std::shared_ptr<stream_source> source) {
  if (!answers(no, phase::busy))
    return dropped_by_peer_ ? responder::opened::cut_by_peer
                            : responder::opened::cut_by_us;
  chunked_ = parser_->head().http_1_1;
  close_ = close_ || !chunked_;
  put(std::move(head),
      chunked_ ? framing::kind::chunked : framing::kind::until_close);
  source_ = std::move(source);
  phase_ = phase::streaming;
  deadline_ = never;
  beat_ = clock::now() + ctx_->opts.heartbeat;
  arm(beat_);
  return responder::opened::yes;
}

void session::send(std::uint64_t no, std::span<const event_ptr> events) {
  if (!answers(no, phase::streaming) || events.empty())
    return;
  auto& out = wire_.out();
  std::size_t bytes = 0;
  for (const auto& event : events)
    bytes += event->wire.size();
  std::array<char, 24> line{};
  if (chunked_)
    out.text(chunk_head(bytes, line));
  for (const auto& event : events)
    out.share(event, event->wire);
  if (chunked_)
    out.text("\r\n");
}

void session::send(std::uint64_t no, std::string_view text) {
  if (!answers(no, phase::streaming) || text.empty())
    return;
  std::array<char, 24> line{};
  if (chunked_)
    wire_.out().text(chunk_head(text.size(), line));
  wire_.out().text(text);
  if (chunked_)
    wire_.out().text("\r\n");
}

void session::send(std::uint64_t no, const json_text& document) {
  if (!answers(no, phase::streaming) || document.empty())
    return;
  auto kept = std::make_shared<const json_text>(document);
  std::array<char, 24> line{};
  if (chunked_)
    wire_.out().text(chunk_head(kept->view().size(), line));
  wire_.out().share(kept, kept->view());
  if (chunked_)
    wire_.out().text("\r\n");
}

void session::flush_stream(std::uint64_t no) {
  if (answers(no, phase::streaming))
    resume();
}

void session::end_stream(std::uint64_t no, bool whole) {
  if (!answers(no, phase::streaming))
    return;
  source_.reset();
  if (!whole) {
    flush();
    // Without a last chunk the end is seen to be none; otherwise a reset says
    // so, and it frees what a slow peer has not taken.
    return drop(false, !chunked_ || wire_.stalled_since());
  }
  if (chunked_)
    wire_.out().text("0\r\n\r\n");
  finish_request();
  resume();
}

void session::put(reply r, framing::kind how) {
  framing meta;
  meta.how = how;
  meta.http_1_1 = !parser_ || parser_->head().http_1_1;
  meta.head_only = parser_ && parser_->head().method == verb::head;
  meta.close = close_ || eof_;
  meta.cors = cors_;
  meta.date = http_date(ctx_->rt.now());
  auto& out = wire_.out();
  write_head(out.tail(), r, meta);
  out.count();
  if (how == framing::kind::length && !meta.head_only && !r.body.empty())
    out.take(std::move(r.body));
  note(r.status);
}

void session::note(unsigned status) const {
  const auto* found = admission_.match.found;
  ctx_->counts.count(found, status);
  if (!ctx_->opts.on_access)
    return;
  access_record record;
  if (parser_) {
    auto method = boost::beast::http::to_string(parser_->head().method);
    record.method = {method.data(), method.size()};
    record.request_id = clean_request_id(parser_->head().request_id);
    record.took = clock::now() - begun_;
  }
  record.path = admission_.target.path;
  if (found)
    record.route = found->pattern;
  record.peer = peer_;
  record.status = status;
  ctx_->opts.on_access(record);
}

void session::beat() {
  beat_ = clock::now() + ctx_->opts.heartbeat;
  if (wire_.out().empty())
    send(no_, source_->heartbeat());
  flush();
}

void session::flush() {
  auto self = shared_from_this();
  wire_.flush(self);
  if (!wire_.open())
    return;
  if (auto since = wire_.stalled_since())
    return arm(*since + ctx_->opts.write_stall_timeout);
  if (phase_ == phase::closing && wire_.out().empty()) {
    wire_.shut_down();
    if (eof_)
      drop(false);
  }
}

// Called outside of `advance`: what was buffered behind an answered request has
// its turn later, so that answers given from within the server never call it.
void session::resume() {
  if (advancing_)
    return;
  flush();
  if (phase_ == phase::head && !in_.empty() && wire_.open())
    boost::asio::post(ctx_->rt.io(shard_),
                      [self = shared_from_this()] { self->advance(); });
  else
    read_more();
}

void session::on_progress() {
  flush();
  if (wire_.open())
    advance();
}

} // namespace heddle::http
