#include "bench/load_generator/connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>

#include <algorithm>
#include <cstring>

namespace heddle::load {

namespace {

namespace http = boost::beast::http;
using asio::ip::tcp;

constexpr std::chrono::milliseconds look_every{20};

tcp::endpoint resolve(asio::io_context& io, const target& at) {
  tcp::resolver names{io};
  boost::system::error_code failed;
  auto found = names.resolve(at.host, std::to_string(at.port), failed);
  if (failed || found.empty())
    throw broken{at.url + ": " + failed.message()};
  for (const auto& each : found)
    if (each.endpoint().address().is_v4())
      return each.endpoint();
  return found.begin()->endpoint();
}

} // namespace

task<> watch::look() {
  boost::system::error_code ignored;
  while (!stopped_) {
    timer_.expires_after(look_every);
    co_await timer_.async_wait(asio::redirect_error(awaited, ignored));
    for (auto now = clock::now(); auto* each : all_)
      each->look(now);
  }
}

void watch::stop() {
  stopped_ = true;
  timer_.cancel();
}

server::server(asio::io_context& context, const target& where,
               const settings& how)
  : io(context), at(where), endpoint(resolve(context, where)),
    timeout(std::chrono::duration_cast<clock::duration>(how.timeout)),
    ready(context), patience(context),
    process(is_loopback(where.host) ? where.port : std::uint16_t{0}) {
  head = " HTTP/1.1\r\nhost: " + at.host + ":" + std::to_string(at.port);
  for (const auto& each : how.headers)
    head += "\r\n" + each;
  head += "\r\n";
}

void server::attend() {
  patience.start();
  ready.start();
  asio::co_spawn(io, patience.look(), asio::detached);
  asio::co_spawn(io, ready.run(), asio::detached);
}

void server::stop() {
  patience.stop();
  ready.stop();
}

connection::connection(server& to) : to_(to), wire_(to.ready) {
  to_.patience.add(*this);
}

connection::~connection() {
  to_.patience.remove(*this);
}

void connection::close() {
  wire_.close();
  begin_ = end_ = 0;
}

void connection::be_patient(bool so) {
  patient_ = so;
  until_ = clock::now() + to_.timeout;
}

void connection::look(clock::time_point now) {
  if (now < until_ || patient_)
    return;
  late_ = true;
  wire_.wake();
}

void connection::give_up(std::string_view why) {
  close();
  until_ = clock::time_point::max();
  if (!late_)
    throw broken{std::string{why}};
  throw broken{got_.is_stream ? "a stream had no end" : "no answer in time"};
}

task<> connection::connect() {
  until_ = clock::now() + to_.timeout;
  auto failed = co_await wire_.connect(to_.endpoint);
  if (failed)
    give_up("cannot connect: " + failed.message());
}

task<> connection::warm() {
  if (!wire_.is_open())
    co_await connect();
}

/// @returns whether all of it could be sent at once, or it is known that nobody
/// is there any more.
bool connection::send() {
  boost::system::error_code failed;
  sent_ = wire_.send(out_, failed);
  if (!failed)
    return sent_ == out_.size();
  if (!reused_)
    give_up("a connection was lost: " + failed.message());
  return true; // The next read tells.
}

task<> connection::send_rest() {
  boost::system::error_code failed;
  while (sent_ < out_.size()) {
    while (!wire_.is_writable())
      co_await wire_.change();
    check_time();
    sent_ += wire_.send(std::string_view{out_}.substr(sent_), failed);
    if (failed)
      give_up("a connection was lost: " + failed.message());
  }
}

void connection::check_time() {
  if (late_)
    give_up("no answer in time");
}

/// Takes what is there. Nothing, if there is nothing after all.
void connection::read_some() {
  boost::system::error_code failed;
  check_time();
  auto n = wire_.receive(in_.data() + end_, in_.size() - end_, failed);
  if (failed == asio::error::would_block)
    return;
  if (failed)
    return on_end();
  heard_ = true;
  end_ += n;
  until_ = clock::now() + to_.timeout;
  parse();
}

void connection::on_end() {
  boost::system::error_code failed;
  if (heard_)
    parser_->put_eof(failed);
  if (was_left())
    return close();
  if (!heard_ || failed)
    give_up(got_.is_stream ? "a stream broke off"
                           : "a connection was closed instead of an answer");
}

void connection::parse() {
  boost::system::error_code failed;
  while (begin_ != end_ && !parser_->is_done()) {
    begin_
      += parser_->put(asio::buffer(in_.data() + begin_, end_ - begin_), failed);
    if (failed == http::error::need_more)
      break;
    if (failed)
      give_up("no HTTP: " + failed.message());
  }
  std::memmove(in_.data(), in_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
}

/// Whether the server had closed a kept connection meanwhile, as it may.
bool connection::was_left() const {
  return reused_ && !heard_ && !late_;
}

bool connection::is_read(bool whole) const {
  return whole || !got_.is_stream ? parser_->is_done()
                                  : parser_->is_header_done();
}

void connection::write_request(std::string_view method, std::string_view path,
                               std::string_view body, std::string_view fields) {
  out_.clear();
  out_.append(method).append(" ").append(to_.at.prefix).append(path);
  out_.append(to_.head).append(fields);
  if (!body.empty())
    out_.append("content-type: application/json\r\n");
  if (!body.empty() || method == "POST")
    out_.append("content-length: ")
      .append(std::to_string(body.size()))
      .append("\r\n");
  out_.append("\r\n").append(body);
}

/// One frame of a coroutine for all of it: each costs as much as a bin of the
/// histogram, and this is what the load generator does all day.
task<> connection::exchange(bool whole) {
  wire_.calm();
  heard_ = late_ = patient_ = false;
  do {
    reused_ = wire_.is_open();
    parser_.emplace(got_, events_);
    if (!reused_)
      co_await connect();
    until_ = clock::now() + to_.timeout;
    if (!send())
      co_await send_rest();
    while (wire_.is_open() && !is_read(whole)) {
      while (!wire_.is_readable())
        co_await wire_.change();
      read_some();
    }
  } while (!wire_.is_open());
  finish();
}

task<> connection::open(std::string_view method, std::string_view path,
                        std::string_view body, std::string_view fields) {
  write_request(method, path, body, fields);
  return exchange(false);
}

task<> connection::ask(std::string_view method, std::string_view path,
                       std::string_view body, std::string_view fields) {
  events_.on_event = nullptr;
  write_request(method, path, body, fields);
  return exchange(true);
}

task<bool> connection::more() {
  if (!parser_->is_done()) {
    while (!wire_.is_readable())
      co_await wire_.change();
    read_some();
  }
  if (!parser_->is_done())
    co_return true;
  finish();
  co_return false;
}

void connection::finish() {
  if (!parser_->is_done())
    return;
  until_ = clock::time_point::max();
  if (!parser_->keep_alive())
    close();
}

} // namespace heddle::load
