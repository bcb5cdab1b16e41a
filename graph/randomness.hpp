#pragma once

#include "heddle/time.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

namespace heddle::graph {

/// Where ids and times come from. Any thread.
class randomness {
public:
  virtual ~randomness() = default;

  virtual std::uint64_t bits() = 0;
  virtual timestamp now() = 0;
};

/// The operating system's clock, and a generator seeded by its randomness.
std::shared_ptr<randomness> system_randomness();

} // namespace heddle::graph
