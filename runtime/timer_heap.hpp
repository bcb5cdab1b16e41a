#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace heddle {

/// Timers ordered by deadline: a binary heap that knows where each timer is, so
/// that one can be taken out again. Adding and cancelling are O(log n) and, but
/// for growth, allocate nothing; a cancelled timer leaves nothing behind.
/// Not thread-safe.
class timer_heap {
public:
  using clock = std::chrono::steady_clock;
  using action = std::function<void()>;

  /// Names a timer: never 0, and not used again for a very long time.
  using handle = std::uint64_t;

  /// How many bits of a handle are used, from the lowest.
  static constexpr unsigned handle_bits = 56;

  handle add(clock::time_point due, action f);

  /// Takes the timer out. @returns its action, or nothing if it is not there
  /// (any more).
  action remove(handle timer);

  /// When the earliest timer is due; nothing if there is none.
  std::optional<clock::time_point> earliest() const;

  /// Takes out the earliest timer if it is due. @returns nothing if none is.
  action pop_due(clock::time_point now);

  std::size_t size() const noexcept { return order_.size(); }

private:
  using slot_no = std::uint32_t;

  struct slot {
    clock::time_point due;
    action f;
    std::uint32_t generation = 1;
    std::uint32_t place = 0; ///< In `order_`, while in use.
    bool used = false;
  };

  bool before(slot_no a, slot_no b) const;
  void put(std::size_t place, slot_no no);
  void sift_up(std::size_t place);
  void sift_down(std::size_t place);
  action take(slot_no no);

  std::vector<slot> slots_;
  std::vector<slot_no> free_;
  std::vector<slot_no> order_; ///< The heap.
};

} // namespace heddle
