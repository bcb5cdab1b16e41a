#include "worker/wire/frame.hpp"

namespace heddle::worker::wire {

void put_length(char* at, std::size_t length) noexcept {
  for (std::size_t i = 0; i < length_bytes; ++i)
    at[i] = static_cast<char>((length >> (8 * i)) & 0xFFU);
}

std::size_t get_length(const char* at) noexcept {
  std::size_t length = 0;
  for (std::size_t i = 0; i < length_bytes; ++i)
    length |= std::size_t{static_cast<unsigned char>(at[i])} << (8 * i);
  return length;
}

} // namespace heddle::worker::wire
