#pragma once

#include "heddle/error.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::http {

/// The API keys that open the server. How long a check takes depends neither on
/// what was sent nor on which key fits.
class key_ring {
public:
  static constexpr std::size_t key_bytes_max = 256;

  /// `errc::invalid_argument` if a key is empty or too long.
  static result<key_ring> make(const std::vector<std::string>& keys);

  /// No keys: open to all.
  bool empty() const noexcept { return keys_.empty(); }

  bool fits(std::string_view key) const noexcept;

private:
  using padded = std::array<unsigned char, key_bytes_max>;

  static padded pad(std::string_view key) noexcept;

  struct entry {
    padded bytes;
    std::size_t size;
  };
  std::vector<entry> keys_;
};

} // namespace heddle::http
