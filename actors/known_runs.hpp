#pragma once

#include "heddle/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_set>
#include <vector>

namespace heddle::actors {

/// What the actor of a thread knows of the ids of its runs, so that a cancel of
/// a run that never was is answered without the store. Runs come into being
/// through the actor only; so what is neither in a list that was read nor
/// created since does not exist. Those that are gone stay in it: for them the
/// rows are asked.
class known_runs {
public:
  /// Threads with more are not worth the memory.
  static constexpr std::size_t runs_max = 1000;

  /// Whether a read would help.
  bool wanted() const noexcept { return !ids_ && !many_ && !reading_; }

  /// A read of the ids begins. No create is under way.
  using ticket = std::uint64_t;
  ticket begin() noexcept;

  /// What it found, at most `runs_max + 1`; null if it failed. Of no use if a
  /// create has begun meanwhile: then nothing is learnt.
  void learn(ticket since, const std::vector<run_id>* ids);

  /// The create of a run begins.
  void add(const run_id& run);

  /// Certain that there is none of them; false if it cannot be told.
  bool has_none_of(const std::vector<run_id>& runs) const;

private:
  std::optional<std::unordered_set<run_id>> ids_;
  std::uint64_t created_ = 0;
  bool many_ = false;
  bool reading_ = false;
};

} // namespace heddle::actors
