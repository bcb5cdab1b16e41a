#include "actors/id_source.hpp"

#include <sys/random.h>

#include <cerrno>
#include <system_error>

namespace heddle::actors {

namespace {

uuid_bytes random_bytes() {
  uuid_bytes bytes;
  std::size_t got = 0;
  while (got < bytes.size()) {
    auto n = ::getrandom(bytes.data() + got, bytes.size() - got, 0);
    if (n < 0 && errno != EINTR)
      throw std::system_error{errno, std::generic_category(), "getrandom"};
    if (n > 0)
      got += static_cast<std::size_t>(n);
  }
  return bytes;
}

/// Sets the version and the variant of RFC 9562.
uuid_bytes stamped(uuid_bytes bytes, std::uint8_t version) {
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0FU) | (version << 4U));
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3FU) | 0x80U);
  return bytes;
}

} // namespace

uuid_bytes random_ids::ordered(timestamp now) {
  auto bytes = random_bytes();
  auto ms = static_cast<std::uint64_t>(to_micros(now) / 1000);
  for (std::size_t i = 0; i < 6; ++i)
    bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  return stamped(bytes, 7);
}

uuid_bytes random_ids::random() {
  return stamped(random_bytes(), 4);
}

} // namespace heddle::actors
