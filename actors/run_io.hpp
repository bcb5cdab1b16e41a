#pragma once

#include "actors/environment.hpp"
#include "actors/protocol/worker.hpp"
#include "heddle/run.hpp"
#include "store/rows.hpp"
#include "worker/worker.hpp"

#include <cstddef>
#include <functional>
#include <vector>

namespace heddle::actors {

checkpoint_view to_row(const worker::view& what);

/// The server's half of a graph's checkpointer and long-term store: serves what
/// one run or ask wants kept or read. The server names run and thread, so that
/// a worker cannot touch another's. Belongs to one actor and is used by it
/// only.
class run_io {
public:
  /// Brings a function back to the owning actor, to run there while it lives.
  using poster = std::function<void(std::function<void()>)>;

  /// Acknowledged before their commit, at most (durability async and exit).
  static constexpr std::size_t ahead_bytes_max = 8U << 20U;
  /// Over these a put or write is refused, and the run ends in a clear error.
  static constexpr std::size_t value_bytes_max = 16U << 20U;
  static constexpr std::size_t checkpoint_bytes_max = 32U << 20U;

  struct identity {
    run_ref run; ///< Nil id: a state update by a client, without a run.
    thread_id thread;
    heddle::durability durability = heddle::durability::async;
  };

  run_io(environment& env, identity who, slot_ptr place, poster post);

  void on(const worker::put& what);
  void on(const worker::writes& what);
  void on(const worker::view& what);
  void on(const worker::latest_state& what);
  void on(const worker::get& what);
  void on(const worker::list& what);
  void on(const worker::store_ops& what);

  /// No write is under way.
  bool settled() const noexcept { return writes_ == 0; }

  /// Called whenever the last write under way is done.
  void when_settled(std::function<void()> f) { settled_ = std::move(f); }

  /// Counts a write of the owner's own among those under way.
  void begin() noexcept { ++writes_; }
  void end();

private:
  /// What a put or a task's writes weigh: in all, and the heaviest value.
  struct weight {
    std::size_t all = 0;
    std::size_t heaviest = 0;

    void add(const worker::blob& data, const json_text& json);
  };
  static weight weigh(const worker::put& what);
  static weight weigh(const worker::writes& what);

  template <class Op>
  void keep(std::uint32_t seq, weight load, Op op);
  void acknowledge(std::uint32_t seq, result<fence> taken, bool told);
  template <class Query, class Done>
  void look_up(Query query, Done done);

  environment& env_;
  identity who_;
  slot_ptr place_;
  poster post_;
  std::size_t writes_ = 0;
  std::size_t ahead_bytes_ = 0;
  std::function<void()> settled_;
};

} // namespace heddle::actors
