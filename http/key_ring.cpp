#include "http/key_ring.hpp"

#include <algorithm>

namespace heddle::http {

result<key_ring> key_ring::make(const std::vector<std::string>& keys) {
  key_ring ring;
  for (const auto& key : keys) {
    if (key.empty() || key.size() > key_bytes_max)
      return error{errc::invalid_argument,
                   "an API key must have 1 to 256 bytes"};
    ring.keys_.push_back({pad(key), key.size()});
  }
  return ring;
}

key_ring::padded key_ring::pad(std::string_view key) noexcept {
  padded bytes{};
  auto n = std::min(key.size(), bytes.size());
  std::copy_n(key.begin(), n, bytes.begin());
  return bytes;
}

bool key_ring::fits(std::string_view key) const noexcept {
  auto sent = pad(key);
  unsigned found = 0;
  for (const auto& known : keys_) {
    auto differs = static_cast<unsigned>(known.size != key.size());
    for (std::size_t i = 0; i < key_bytes_max; ++i)
      differs |= static_cast<unsigned>(known.bytes[i] ^ sent[i]);
    found |= static_cast<unsigned>(differs == 0);
  }
  return found != 0;
}

} // namespace heddle::http
