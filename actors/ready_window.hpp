#pragma once

#include "store/rows.hpp"

#include <cstddef>
#include <deque>
#include <optional>
#include <set>

namespace heddle::actors {

/// The runs that the dispatcher knows to be ready: a bounded piece of what the
/// store holds, in the order (due, n). Pure.
class ready_window {
public:
  static constexpr std::size_t runs_max = 512;

  /// A hint about one run. Ignored if it is known already; if there is no room,
  /// the window remembers that the store has more.
  void hint(const ready_run& run);

  /// Something is ready that nobody named.
  void more() noexcept { more_ = true; }

  /// The store is being read: what is hinted at from now on may not be in it.
  void begin_fill() noexcept {
    more_ = false;
    filling_ = true;
  }

  /// The read came to nothing: what there is to know is still in the store.
  void fail_fill() noexcept {
    more_ = true;
    filling_ = false;
  }

  /// What the store says, from the first one on. `complete`: that is all.
  void fill(const std::vector<ready_run>& runs, bool complete);

  /// The next one; it counts as offered until `settle`. `alone`: one that needs
  /// a process of its own, else one that does not.
  std::optional<ready_run> pop(bool alone);

  void settle(const run_id& run) { offered_.erase(run); }

  bool empty() const noexcept { return runs_.empty(); }
  bool has(bool alone) const noexcept;

  /// The window has run dry, and the store has more.
  bool wants_fill() const noexcept { return more_ && runs_.empty(); }

  /// How many to read: the ones on offer are still ready in the store.
  std::size_t fill_size() const noexcept { return runs_max + offered_.size(); }

  void clear();

private:
  bool known(const run_id& run) const;
  void insert(const ready_run& run);

  std::deque<ready_run> runs_; // Sorted by position.
  std::set<run_id> in_;
  std::set<run_id> offered_;
  bool more_ = false;
  bool filling_ = false;
};

} // namespace heddle::actors
