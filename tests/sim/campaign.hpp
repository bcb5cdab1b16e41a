#pragma once

#include "tests/sim/coverage.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace heddle::test {

/// Many schedules, one for each seed from `first` on, on several OS threads
/// that share nothing but the count.
struct campaign {
  std::uint64_t first = 1;
  std::uint64_t count = 0;
  std::size_t threads = 1;

  struct outcome {
    coverage seen;
    std::map<std::uint64_t, std::string> broken; ///< By seed: what.
    double seconds = 0;
  };

  /// Plays them all, or until `broken_max` of them have broken the promise. A
  /// line on stderr says now and then how far it is. Blocks.
  outcome play() const;

  static constexpr std::size_t broken_max = 10;
};

} // namespace heddle::test
