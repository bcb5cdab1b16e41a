#include "core/address_range.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace heddle::core {

namespace {

struct v4_block {
  std::uint32_t net;
  int bits;
  ip_range range;
};

constexpr std::uint32_t v4(std::uint32_t a, std::uint32_t b, std::uint32_t c,
                           std::uint32_t d) {
  return a << 24U | b << 16U | c << 8U | d;
}

// IANA's special-purpose registry.
constexpr v4_block v4_blocks[] = {
  {v4(0, 0, 0, 0), 8, ip_range::unspecified},
  {v4(10, 0, 0, 0), 8, ip_range::own_net},
  {v4(100, 64, 0, 0), 10, ip_range::own_net},
  {v4(127, 0, 0, 0), 8, ip_range::loopback},
  {v4(169, 254, 0, 0), 16, ip_range::link_local},
  {v4(172, 16, 0, 0), 12, ip_range::own_net},
  {v4(192, 0, 0, 0), 24, ip_range::reserved},
  {v4(192, 0, 2, 0), 24, ip_range::reserved},
  {v4(192, 168, 0, 0), 16, ip_range::own_net},
  {v4(198, 18, 0, 0), 15, ip_range::own_net},
  {v4(198, 51, 100, 0), 24, ip_range::reserved},
  {v4(203, 0, 113, 0), 24, ip_range::reserved},
  {v4(224, 0, 0, 0), 3, ip_range::reserved}, // Multicast, future, broadcast.
};

struct v6_block {
  ip_address net;
  int bits;
  ip_range range;
};

constexpr v6_block v6_blocks[] = {
  {{0xfc}, 7, ip_range::own_net},
  {{0xfe, 0x80}, 10, ip_range::link_local},
  {{0xfe, 0xc0}, 10, ip_range::own_net}, // Site local, of old.
  {{0xff}, 8, ip_range::reserved},
  {{0x01, 0x00}, 64, ip_range::reserved}, // Discard.
  {{0x20, 0x01, 0x0d, 0xb8}, 32, ip_range::reserved},
  {{0x20, 0x01, 0x00, 0x00}, 32, ip_range::reserved}, // Teredo.
};

bool has_prefix(const ip_address& address, const ip_address& net, int bits) {
  auto whole = static_cast<std::size_t>(bits / 8);
  if (!std::equal(net.begin(), net.begin() + static_cast<int>(whole),
                  address.begin()))
    return false;
  auto rest = bits % 8;
  return rest == 0 || (address[whole] ^ net[whole]) >> (8 - rest) == 0;
}

ip_range range_of_v4(std::uint32_t address) {
  for (const auto& block : v4_blocks) {
    if ((address ^ block.net) >> (32 - block.bits) == 0)
      return block.range;
  }
  return ip_range::open;
}

std::uint32_t v4_at(const ip_address& address, std::size_t at) {
  return v4(address[at], address[at + 1], address[at + 2], address[at + 3]);
}

/// Where an IPv4 address stands inside an IPv6 one.
std::optional<std::size_t> embedded_v4(const ip_address& address) {
  constexpr ip_address mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  constexpr ip_address nat64{0x00, 0x64, 0xff, 0x9b};
  constexpr ip_address six_to_four{0x20, 0x02};
  if (has_prefix(address, mapped, 96) || has_prefix(address, nat64, 96)
      || has_prefix(address, {}, 96))
    return 12;
  // Local NAT64 (64:ff9b:1::/48) is judged by where it usually ends.
  if (has_prefix(address, {0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48))
    return 12;
  if (has_prefix(address, six_to_four, 16))
    return 2;
  return std::nullopt;
}

/// A part of an IPv4 address: decimal, octal (0…) or hexadecimal (0x…).
std::optional<std::uint64_t> parse_part(std::string_view part) {
  int base = 10;
  if (part.starts_with("0x") || part.starts_with("0X")) {
    base = 16;
    part.remove_prefix(2);
    if (part.empty())
      return 0;
  } else if (part.size() > 1 && part.starts_with('0')) {
    base = 8;
  }
  std::uint64_t value = 0;
  auto end = part.data() + part.size();
  auto got = std::from_chars(part.data(), end, value, base);
  if (got.ec != std::errc{} || got.ptr != end)
    return std::nullopt;
  return value;
}

std::optional<std::uint32_t> parse_v4(std::string_view text) {
  std::uint64_t address = 0;
  for (int part = 0; part < 4; ++part) {
    auto dot = text.find('.');
    bool last = dot == std::string_view::npos;
    auto value = parse_part(text.substr(0, dot));
    int bits = last ? 32 - 8 * part : 8;
    if (!value || *value >> static_cast<unsigned>(bits) != 0)
      return std::nullopt;
    address = address << static_cast<unsigned>(bits) | *value;
    if (last)
      return static_cast<std::uint32_t>(address);
    text.remove_prefix(dot + 1);
  }
  return std::nullopt;
}

} // namespace

std::optional<ip_address> parse_ip(std::string_view text) {
  ip_address address{};
  if (auto four = parse_v4(text)) {
    address[10] = address[11] = 0xff;
    for (unsigned i = 0; i < 4; ++i)
      address[12 + i] = static_cast<std::uint8_t>(*four >> (24 - 8 * i));
    return address;
  }
  if (inet_pton(AF_INET6, std::string{text}.c_str(), address.data()) == 1)
    return address;
  return std::nullopt;
}

ip_range range_of(const ip_address& address) noexcept {
  if (address == ip_address{})
    return ip_range::unspecified;
  ip_address one{};
  one.back() = 1;
  if (address == one)
    return ip_range::loopback;
  if (auto at = embedded_v4(address))
    return range_of_v4(v4_at(address, *at));
  for (const auto& block : v6_blocks) {
    if (has_prefix(address, block.net, block.bits))
      return block.range;
  }
  return ip_range::open;
}

} // namespace heddle::core
