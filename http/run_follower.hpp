#pragma once

#include "heddle/server.hpp"
#include "heddle/stream.hpp"
#include "http/responder.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::http {

struct context;

/// The body of an answer that follows a run: its events (SSE), or, at its end,
/// one document (`wait` and `join`).
///
/// What the run sends arrives from any thread, is collected, and is written on
/// the session's shard, once per turn. A reader that does not keep up is cut:
/// it can come back and resume. Being cut is not leaving: only a peer that
/// closed or failed has left.
class run_follower final : public run_reader,
                           public stream_source,
                           public std::enable_shared_from_this<run_follower> {
public:
  enum class style : std::uint8_t { events, document };

  run_follower(responder respond, context& ctx, style how);

  // Any thread.

  void push(std::span<const event_ptr> events) override;
  void end(stream_end last) override;

  /// The server said where the reader stands, or that there is none. `headers`:
  /// lines of the answer. Once.
  void opened(result<follower> place, std::string headers);

private:
  /// What came in since the last turn.
  struct arrived {
    std::optional<result<follower>> place;
    std::string headers;
    std::vector<event_ptr> events;
    std::size_t events_bytes = 0;
    std::optional<stream_end> end;
    bool posted = false;
  };

  // stream_source
  void on_cut(bool by_peer) override;
  std::string_view heartbeat() const noexcept override;

  // On the shard.
  void take_turn();
  void begin(const result<follower>& place, std::string headers);
  void take_events(std::vector<event_ptr> events, std::size_t bytes);
  void take_end(stream_end last);
  void finish(const stream_end& last);
  void finish_events(const stream_end& last);
  void finish_document(const stream_end& last);
  void cut();
  void leave(bool disconnected);
  void stop_collecting();

  void wake(std::unique_lock<std::mutex> lock);

  const responder respond_;
  context& ctx_;
  const style how_;

  std::mutex mutex_;
  arrived arrived_;   ///< Guarded.
  bool over_ = false; ///< Guarded: nothing more is collected.

  // The shard's.
  std::optional<follower> place_;
  std::vector<event_ptr> early_; ///< Came before the place was known.
  std::size_t early_bytes_ = 0;
  std::optional<stream_end> early_end_;
  std::size_t replayed_ = 0; ///< Bytes that the limit does not count.
  bool streaming_ = false;
};

/// The headers that an SSE stream or a waiting answer starts with. Empty
/// locations are left out.
reply follow_head(run_follower::style how, std::string headers);

} // namespace heddle::http
