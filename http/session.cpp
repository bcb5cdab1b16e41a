#include "http/session.hpp"

#include "http/context.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace heddle::http {

namespace {

namespace asio = boost::asio;

/// Behind a head, for chunk headers and for what the peer sends on.
constexpr std::size_t spare_bytes = 4U << 10U;

/// Bodies are read in steps of this, so that an announcement costs nothing.
constexpr std::size_t body_step_bytes = 64U << 10U;

/// Answers that may wait for a peer that pipelines but does not read.
constexpr std::size_t answers_bytes_max = 256U << 10U;

/// What is worth reading only to keep the connection.
constexpr std::size_t discard_bytes_max = 64U << 10U;

/// Slower than this, after the first ten seconds, is an attack.
constexpr std::size_t body_bytes_per_second_min = 1024;
constexpr std::chrono::seconds body_patience{10};

/// How long a peer may go on sending what nobody reads, so that it gets to read
/// our last answer before a reset.
constexpr std::chrono::milliseconds linger_max{2000};

/// What all requests without a body share.
const body_text& no_body() {
  static const body_text empty = std::make_shared<const std::string>();
  return empty;
}

std::string peer_of(const asio::ip::tcp::socket& socket) {
  boost::system::error_code failed;
  auto peer = socket.remote_endpoint(failed);
  if (failed)
    return {};
  return peer.address().to_string() + ":" + std::to_string(peer.port());
}

} // namespace

session::session(std::shared_ptr<context> ctx, std::size_t shard,
                 asio::ip::tcp::socket socket, bool reserved)
  : ctx_(std::move(ctx)), shard_(shard), reserved_(reserved),
    peer_(ctx_->opts.on_access ? peer_of(socket) : ""),
    wire_(std::move(socket)), timer_(ctx_->rt.io(shard)), scanner_(ctx_->opts) {
  // nop
}

session::~session() {
  if (counted_)
    ctx_->connections.fetch_sub(1, std::memory_order_relaxed);
}

void session::start() {
  ctx_->sessions[shard_].insert(this);
  if (ctx_->closing)
    return close();
  due_in(ctx_->opts.header_timeout);
  read_more();
}

void session::on_read(std::size_t bytes) {
  if (phase_ == phase::closing)
    return read_more(); // Thrown away.
  if (phase_ == phase::body && !parser_->head().chunked)
    body_read_ += bytes;
  else
    in_.filled(bytes);
  advance();
}

// Runs until there is nothing to do but to wait; what was answered on the way
// goes out in one write.
void session::advance() {
  if (std::exchange(advancing_, true))
    return;
  auto full = false;
  do {
    while (step()) {
      // nop
    }
    full = is_full();
    flush();
  } while (full && wire_.open() && !is_full());
  advancing_ = false;
  read_more();
}

bool session::is_full() const noexcept {
  return wire_.out().bytes() > answers_bytes_max;
}

bool session::step() {
  if (!wire_.open() || is_full())
    return false;
  switch (phase_) {
    case phase::head: return take_head();
    case phase::body: return take_body();
    default: return false;
  }
}

void session::read_more() {
  if (!wire_.open() || wire_.reading() || eof_ || phase_ == phase::busy)
    return;
  if (phase_ == phase::streaming)
    return wire_.await_input(shared_from_this());
  if (phase_ == phase::head && is_full())
    return;
  asio::mutable_buffer room;
  if (phase_ == phase::body && !parser_->head().chunked) {
    auto length = *parser_->head().content_length;
    if (body_->size() == body_read_)
      body_->resize(std::min<std::size_t>(
        length, body_read_ + std::max(body_step_bytes, body_read_)));
    room = asio::buffer(*body_) + body_read_;
  } else {
    if (phase_ == phase::closing)
      in_.use(in_.view().size());
    room = in_.room(ctx_->opts.header_bytes_max);
  }
  if (room.size() > 0)
    wire_.read(room, shared_from_this());
}

bool session::take_head() {
  if (in_.empty())
    return false;
  if (scanner_.bytes() == 0 && !head_timed_ && in_.view().starts_with("\r\n"))
    in_.use(2); // One empty line before a request is tolerated.
  switch (scanner_.scan(in_.view())) {
    case head_scanner::verdict::more:
      if (!std::exchange(head_timed_, true))
        due_in(ctx_->opts.header_timeout);
      return false;
    case head_scanner::verdict::refused: refuse(scanner_.why()); return false;
    case head_scanner::verdict::whole: break;
  }
  admit_head(in_.pin(scanner_.bytes(), spare_bytes));
  return true;
}

// While a stream goes out, what the peer sends on is kept, if there is room: so
// its leaving is seen.
void session::on_readable() {
  if (phase_ != phase::streaming)
    return;
  auto room = in_.room(ctx_->opts.header_bytes_max);
  if (room.size() == 0)
    return wire_.watch(shared_from_this());
  in_.filled(wire_.read_now(room, *this));
  if (phase_ == phase::streaming)
    read_more();
}

void session::admit_head(std::string_view block) {
  begun_ = clock::now();
  ++no_;
  parser_.emplace(ctx_->opts);
  admission_ = {};
  if (auto why = parser_->read_head(block)) {
    if (why->status != 413)
      return refuse(*why);
    admission_.answer = body_too_large(*ctx_);
    close_ = true;
    return dispatch();
  }
  const auto& head = parser_->head();
  close_ = !head.keep_alive;
  if (!head.origin.empty() && !cors_policy::is_preflight(head))
    cors_ = ctx_->cors.lines(head.origin);
  admission_ = admit(head, *ctx_, reserved_, scratch_);
  prepare_body();
}

void session::prepare_body() {
  const auto& head = parser_->head();
  auto length = head.content_length.value_or(0);
  body_.reset();
  body_read_ = 0;
  if (!head.chunked && length == 0)
    return dispatch();
  if (admission_.answer
      && (admission_.answer->close || head.chunked || head.expects_continue
          || length > discard_bytes_max)) {
    close_ = true; // Not worth reading what follows.
    return dispatch();
  }
  body_ = std::make_shared<std::string>();
  if (head.expects_continue && in_.empty())
    wire_.out().text("HTTP/1.1 100 Continue\r\n\r\n");
  if (!head.chunked) {
    body_read_ = std::min<std::size_t>(length, in_.view().size());
    body_->assign(in_.view().substr(0, body_read_));
    in_.use(body_read_);
  }
  phase_ = phase::body;
}

bool session::take_body() {
  auto whole = parser_->head().chunked ? take_chunks() : take_known_body();
  if (phase_ != phase::body)
    return false; // Refused.
  if (whole) {
    dispatch();
    return true;
  }
  auto took = std::chrono::duration<double>{clock::now() - begun_};
  if (took > body_patience
      && static_cast<double>(body_read_)
           < took.count() * body_bytes_per_second_min)
    refuse({408, "Request Timeout"});
  else
    due_in(ctx_->opts.body_idle_timeout);
  return false;
}

bool session::take_known_body() {
  return body_read_ == *parser_->head().content_length;
}

bool session::take_chunks() {
  auto [used, why] = parser_->read_chunks(in_.view(), *body_);
  in_.use(used);
  body_read_ += used;
  if (why) {
    if (why->status == 413) {
      admission_.answer = body_too_large(*ctx_);
      close_ = true;
      dispatch();
    } else {
      refuse(*why);
    }
    return false;
  }
  if (!parser_->is_done() && in_.room(ctx_->opts.header_bytes_max).size() == 0)
    refuse({400, "Bad Request"}); // A chunk header or trailer without end.
  return parser_->is_done();
}

void session::dispatch() {
  phase_ = phase::busy;
  if (admission_.answer) {
    auto r = std::move(*admission_.answer);
    admission_.answer.reset();
    return answer(no_, std::move(r));
  }
  due_in(ctx_->opts.answer_timeout + ctx_->srv.settings().stop_grace);
  const auto& head = parser_->head();
  request req;
  req.method = head.method;
  req.params = admission_.match.params;
  req.query = query_text{admission_.target.query};
  req.prefer = head.prefer;
  req.last_event_id = head.last_event_id;
  req.request_id = clean_request_id(head.request_id);
  req.body = body_ ? body_text{std::move(body_)} : no_body();
  req.begun = begun_;
  auto run = admission_.match.found->run;
  run(req, *ctx_, responder{shared_from_this(), no_});
}

void session::refuse(const refusal& why) {
  ++no_;
  close_ = true;
  phase_ = phase::busy;
  admission_ = {};
  parser_.reset();
  answer(no_, problem(why.status, why.detail));
}

// After an answer: on to the next request, or towards the end.
void session::finish_request() {
  source_.reset();
  cors_.clear();
  beat_ = never;
  head_timed_ = false;
  scanner_.reset();
  in_.unpin();
  if (close_ || eof_) {
    phase_ = phase::closing;
    due_in(linger_max);
  } else {
    phase_ = phase::head;
    due_in(ctx_->opts.keep_alive_timeout);
  }
}

} // namespace heddle::http
