#include "heddle/ids.hpp"

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid.hpp>

#include <algorithm>

namespace heddle::inline v0 {

namespace {

/// Python has no limit; no identifier is longer.
constexpr std::size_t text_size_max = 4096;
constexpr std::size_t digits_max = 32;

constexpr int digit(char c) noexcept {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

/// What Python's `str.strip` takes off, as far as it is ASCII.
constexpr bool is_space(char c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/// A text on the stack, cut down in place.
struct scratch {
  std::array<char, text_size_max> chars;
  std::size_t size = 0;

  std::string_view view() const noexcept { return {chars.data(), size}; }

  /// `str.replace(word, "")`: one pass from the left.
  void remove(std::string_view word) noexcept {
    std::size_t out = 0;
    for (std::size_t in = 0; in < size;) {
      if (view().substr(in).starts_with(word)) {
        in += word.size();
      } else {
        chars[out++] = chars[in++];
      }
    }
    size = out;
  }
};

/// `int(text, 16)` of 32 characters: blanks around it, a plus, `0x` and single
/// underscores between digits are allowed, so it may have fewer digits.
std::optional<uuid_bytes> parse_hex(std::string_view text) noexcept {
  while (!text.empty() && is_space(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_space(text.back()))
    text.remove_suffix(1);
  if (text.starts_with('+'))
    text.remove_prefix(1);
  bool may_underscore = false;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    text.remove_prefix(2);
    may_underscore = true;
  }
  std::array<std::uint8_t, digits_max> digits{};
  std::size_t count = 0;
  for (char c : text) {
    if (c == '_' && may_underscore) {
      may_underscore = false;
      continue;
    }
    int value = digit(c);
    if (value < 0)
      return std::nullopt;
    digits[count++] = static_cast<std::uint8_t>(value);
    may_underscore = true;
  }
  if (count == 0 || text.back() == '_')
    return std::nullopt;
  std::rotate(digits.begin(), digits.begin() + static_cast<int>(count),
              digits.end());
  uuid_bytes bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i]
      = static_cast<std::uint8_t>(digits[2 * i] << 4 | digits[2 * i + 1]);
  return bytes;
}

} // namespace

std::optional<uuid_bytes> parse_uuid(std::string_view text) noexcept {
  if (text.size() > text_size_max)
    return std::nullopt;
  scratch rest;
  rest.size = text.copy(rest.chars.data(), text.size());
  rest.remove("urn:");
  rest.remove("uuid:");
  auto bare = rest.view();
  auto first = bare.find_first_not_of("{}");
  if (first == std::string_view::npos)
    return std::nullopt;
  bare = bare.substr(first, bare.find_last_not_of("{}") - first + 1);
  std::array<char, digits_max> hex{};
  std::size_t count = 0;
  for (char c : bare) {
    if (c == '-')
      continue;
    if (count == digits_max)
      return std::nullopt;
    hex[count++] = c;
  }
  if (count != digits_max)
    return std::nullopt;
  return parse_hex({hex.data(), count});
}

std::string format_uuid(const uuid_bytes& bytes) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10)
      text += '-';
    text += hex[bytes[i] >> 4];
    text += hex[bytes[i] & 15];
  }
  return text;
}

uuid_bytes graph_uuid(std::string_view name) {
  constexpr boost::uuids::uuid url_namespace{
    {0x6b, 0xa7, 0xb8, 0x21, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0,
     0x4f, 0xd4, 0x30, 0xc8}};
  auto made = boost::uuids::name_generator_sha1{url_namespace}(name.data(),
                                                               name.size());
  uuid_bytes bytes{};
  std::copy(made.begin(), made.end(), bytes.begin());
  return bytes;
}

} // namespace heddle::inline v0
