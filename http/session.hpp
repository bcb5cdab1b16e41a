#pragma once

#include "http/admission.hpp"
#include "http/head.hpp"
#include "http/input.hpp"
#include "http/request.hpp"
#include "http/responder.hpp"
#include "http/wire.hpp"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace heddle::http {

struct context;

/// One connection: reads requests, has them handled one after the other, and
/// writes their answers in order, all that are ready with one write. Lives on
/// one shard; every function is called there.
///
/// What keeps it from waiting for ever is one timer, which looks at the
/// deadline of the phase it is in, at the heartbeat of a stream, and at how
/// long a write has been stuck.
class session final : public wire::owner,
                      public std::enable_shared_from_this<session> {
public:
  using clock = wire::clock;

  /// Any thread, before `start`. `reserved`: above the limit of connections.
  session(std::shared_ptr<context> ctx, std::size_t shard,
          boost::asio::ip::tcp::socket socket, bool reserved);
  ~session() override;

  void start();

  /// We end it, at once. A stream in it is cut, its peer has not left.
  void close();

  std::size_t shard() const noexcept { return shard_; }
  context& shared() const noexcept { return *ctx_; }

  // -- for `responder`; `no` is the request that it answers -------------------

  void answer(std::uint64_t no, reply r);
  responder::opened open_stream(std::uint64_t no, reply head,
                                std::shared_ptr<stream_source> source);
  void send(std::uint64_t no, std::span<const event_ptr> events);
  void send(std::uint64_t no, std::string_view text);
  void send(std::uint64_t no, const json_text& document);
  void flush_stream(std::uint64_t no);
  void end_stream(std::uint64_t no, bool whole);
  std::size_t unsent() const noexcept { return wire_.out().bytes(); }

private:
  enum class phase : std::uint8_t {
    head,      ///< Reads a head, or waits for the first byte of one.
    body,      ///< Reads a body.
    busy,      ///< The server works on it.
    streaming, ///< An answer is going out piece by piece.
    closing,   ///< Answered; nothing more is read but to be thrown away.
  };

  // wire::owner
  void on_read(std::size_t bytes) override;
  void on_readable() override;
  void on_eof() override;
  void on_lost() override;
  void on_progress() override;

  // Reading (session.cpp)
  void advance();
  bool step();
  bool is_full() const noexcept;
  void read_more();
  bool take_head();
  bool take_body();
  bool take_known_body();
  bool take_chunks();
  void admit_head(std::string_view block);
  void prepare_body();
  void dispatch();
  void refuse(const refusal& why);
  void finish_request();

  // Writing (session_write.cpp)
  void put(reply r, framing::kind how);
  void note(unsigned status) const;
  void beat();
  void flush();
  void resume();
  bool answers(std::uint64_t no, phase p) const noexcept;

  // Time and the end (session_time.cpp)
  void due_in(std::chrono::milliseconds delay);
  void arm(clock::time_point when);
  void on_timer();
  void on_deadline();
  void drop(bool by_peer, bool reset = false);

  const std::shared_ptr<context> ctx_;
  const std::size_t shard_;
  const bool reserved_;
  const std::string peer_; ///< For the log; empty without one.
  wire wire_;
  input in_;
  std::optional<boost::asio::steady_timer> timer_;
  phase phase_ = phase::head;
  bool head_timed_ = false; ///< Part of a head is there; its deadline runs.
  bool eof_ = false;
  bool advancing_ = false;
  bool close_ = false;   ///< After this answer.
  bool chunked_ = false; ///< The stream that goes out.
  bool counted_ = true;  ///< Among the connections.
  bool dropped_by_peer_ = false;

  // The request in hand.
  std::uint64_t no_ = 0;
  head_scanner scanner_;
  std::optional<request_parser> parser_;
  std::string scratch_;
  admission admission_;
  std::shared_ptr<std::string> body_;
  std::size_t body_read_ = 0;
  clock::time_point begun_;
  std::string cors_;
  std::shared_ptr<stream_source> source_;

  static constexpr auto never = clock::time_point::max();
  clock::time_point deadline_ = never; ///< Of the phase.
  clock::time_point beat_ = never;     ///< Of the stream.
  clock::time_point armed_ = never;    ///< When the timer fires.
};

} // namespace heddle::http
