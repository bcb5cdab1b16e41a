#pragma once

#include <cstddef>
#include <cstdint>

namespace heddle::test {

/// All chance of one schedule: the same seed, the same schedule, on every
/// machine (SplitMix64).
class dice {
public:
  /// Mixed twice: the streams of two seeds must not be one, shifted.
  explicit dice(std::uint64_t seed) : state_(seed) {
    state_ = roll();
    state_ ^= roll() << 1U;
  }

  std::uint64_t roll() {
    auto z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
  }

  std::size_t below(std::size_t n) {
    return n < 2 ? 0 : static_cast<std::size_t>(roll() % n);
  }

  bool chance(unsigned percent) { return below(100) < percent; }

  template <class Range>
  auto& pick(Range& from) {
    return from[below(from.size())];
  }

private:
  std::uint64_t state_;
};

} // namespace heddle::test
