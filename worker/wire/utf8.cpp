#include "worker/wire/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace heddle::worker::wire {

namespace {

constexpr std::uint64_t not_ascii = 0x8080808080808080ULL;

std::string_view skip_ascii(std::string_view text) noexcept {
  while (text.size() >= sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), sizeof word);
    if ((word & not_ascii) != 0)
      break;
    text.remove_prefix(sizeof word);
  }
  return text;
}

/// What the second byte may be, given the first: this excludes overlong forms,
/// surrogates and what lies beyond U+10FFFF.
bool second_fits(unsigned first, unsigned second) noexcept {
  switch (first) {
    case 0xE0: return second >= 0xA0 && second <= 0xBF;
    case 0xED: return second >= 0x80 && second <= 0x9F;
    case 0xF0: return second >= 0x90 && second <= 0xBF;
    case 0xF4: return second >= 0x80 && second <= 0x8F;
    default: return second >= 0x80 && second <= 0xBF;
  }
}

} // namespace

std::size_t utf8_length(std::string_view text) noexcept {
  auto byte
    = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (text.empty())
    return 0;
  unsigned first = byte(0);
  if (first < 0x80)
    return 1;
  if (first < 0xC2 || first > 0xF4)
    return 0;
  std::size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (text.size() < length || !second_fits(first, byte(1)))
    return 0;
  for (std::size_t i = 2; i < length; ++i)
    if ((byte(i) & 0xC0U) != 0x80U)
      return 0;
  return length;
}

bool is_utf8(std::string_view text) noexcept {
  for (text = skip_ascii(text); !text.empty(); text = skip_ascii(text)) {
    auto length = utf8_length(text);
    if (length == 0)
      return false;
    text.remove_prefix(length);
  }
  return true;
}

} // namespace heddle::worker::wire
