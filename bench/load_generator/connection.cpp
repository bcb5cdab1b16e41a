#include "bench/load_generator/connection.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

#include <netinet/tcp.h>

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
    patience(context),
    process(is_loopback(where.host) ? where.port : std::uint16_t{0}) {
  head = " HTTP/1.1\r\nhost: " + at.host + ":" + std::to_string(at.port);
  for (const auto& each : how.headers)
    head += "\r\n" + each;
  head += "\r\n";
}

connection::connection(server& to) : to_(to), socket_(to.io) {
  to_.patience.add(*this);
}

connection::~connection() {
  to_.patience.remove(*this);
}

void connection::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
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
  socket_.cancel();
}

void connection::give_up(std::string_view why) {
  close();
  until_ = clock::time_point::max();
  if (!late_)
    throw broken{std::string{why}};
  throw broken{got_.is_stream ? "a stream had no end" : "no answer in time"};
}

task<> connection::connect() {
  boost::system::error_code failed;
  until_ = clock::now() + to_.timeout;
  co_await socket_.async_connect(to_.endpoint,
                                 asio::redirect_error(awaited, failed));
  if (failed)
    give_up("cannot connect: " + failed.message());
  socket_.set_option(tcp::no_delay{true});
  socket_.non_blocking(true);
  // Whatever the system's way is: some pace by a timer for each request, and
  // that is the generator's own CPU.
  setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_CONGESTION, "reno", 4);
}

task<> connection::warm() {
  if (!socket_.is_open())
    co_await connect();
}

/// @returns whether all of it could be sent at once, or it is known that nobody
/// is there any more.
bool connection::send() {
  boost::system::error_code failed;
  sent_ = socket_.write_some(asio::buffer(out_), failed);
  if (!failed || failed == asio::error::would_block)
    return sent_ == out_.size();
  if (!reused_)
    give_up("a connection was lost: " + failed.message());
  return true; // The next read tells.
}

task<> connection::send_rest() {
  boost::system::error_code failed;
  co_await asio::async_write(socket_, asio::buffer(out_) + sent_,
                             asio::redirect_error(awaited, failed));
  if (failed)
    give_up("a connection was lost: " + failed.message());
}

/// Takes what is there. Nothing, if there is nothing after all.
void connection::read_some() {
  boost::system::error_code failed;
  auto n = socket_.read_some(asio::buffer(in_.data() + end_, in_.size() - end_),
                             failed);
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
  boost::system::error_code failed;
  heard_ = late_ = patient_ = false;
  do {
    reused_ = socket_.is_open();
    parser_.emplace(got_, events_);
    if (!reused_)
      co_await connect();
    until_ = clock::now() + to_.timeout;
    if (!send())
      co_await send_rest();
    while (socket_.is_open() && !is_read(whole)) {
      co_await socket_.async_wait(tcp::socket::wait_read,
                                  asio::redirect_error(awaited, failed));
      if (failed)
        give_up("a connection was lost: " + failed.message());
      read_some();
    }
  } while (!socket_.is_open());
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
  boost::system::error_code failed;
  if (!parser_->is_done()) {
    co_await socket_.async_wait(tcp::socket::wait_read,
                                asio::redirect_error(awaited, failed));
    if (failed)
      give_up("a connection was lost: " + failed.message());
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
