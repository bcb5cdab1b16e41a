#include "bench/load_generator/tally.hpp"

namespace heddle::load {

void tally::fail(const std::string& why) {
  constexpr std::size_t kinds_max = 8;
  ++failed;
  if (failures.contains(why) || failures.size() < kinds_max)
    ++failures[why];
  else
    ++failures["other"];
}

} // namespace heddle::load
