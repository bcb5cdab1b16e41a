#pragma once

#include "heddle/stream.hpp"
#include "http/reply.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

namespace heddle::http {

class session;

/// Who fills the body of an answer that goes on for a while. Called on the
/// session's shard only.
class stream_source {
public:
  virtual ~stream_source() = default;

  /// The session ended before the stream did. `by_peer`: it closed or failed;
  /// otherwise we cut it (too slow, shutting down). Called at most once.
  virtual void on_cut(bool by_peer) = 0;

  /// What keeps the connection alive while there is nothing to say.
  virtual std::string_view heartbeat() const noexcept = 0;
};

/// Answers one request. Copyable; keeps the connection's memory, not the
/// connection.
class responder {
public:
  responder(std::shared_ptr<session> session, std::uint64_t no);
  ~responder();
  responder(const responder&);
  responder(responder&&) noexcept;
  responder& operator=(const responder&) = delete;

  /// Sends the one answer. Any thread; what comes second is ignored.
  void operator()(reply r) const;

  /// Runs `f` on the session's shard: at once if this is it.
  void on_shard(std::function<void()> f) const;
  /// Later, in its turn, also if this is it.
  void post(std::function<void()> f) const;

  // On the session's shard only. All do nothing once the answer is over. What
  // is opened and sent goes out with `flush` or `end`.

  enum class opened : std::uint8_t { yes, cut_by_us, cut_by_peer };
  /// Sends a head; the body follows in pieces, with heartbeats, until `end`.
  opened open(reply head, std::shared_ptr<stream_source> source) const;
  void send(std::span<const event_ptr> events) const;
  void send(std::string_view text) const;
  void send(const json_text& document) const;
  void flush() const;
  /// `whole`: the message ends here. Otherwise the connection is cut, so that
  /// the peer cannot take what it has for everything.
  void end(bool whole) const;
  /// Bytes that the peer has not taken.
  std::size_t unsent() const noexcept;

private:
  std::shared_ptr<session> session_;
  std::uint64_t no_;
};

} // namespace heddle::http
