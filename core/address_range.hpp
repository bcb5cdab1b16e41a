#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace heddle::core {

/// The 16 bytes of an IPv6 address; IPv4 as `::ffff:a.b.c.d`.
using ip_address = std::array<std::uint8_t, 16>;

/// What an address is for, as far as it matters to who may be called.
enum class ip_range : std::uint8_t {
  open,        ///< Anyone's.
  loopback,    ///< This machine.
  unspecified, ///< Which is this machine, too.
  own_net,     ///< Private, shared (carrier) or unique local.
  link_local,  ///< Also the metadata services of clouds.
  reserved,    ///< Multicast, broadcast, documentation and the like.
};

/// Reads an IPv4 address as `inet_aton` does (also decimal, octal or hex, and
/// with fewer than four parts), or an IPv6 address.
std::optional<ip_address> parse_ip(std::string_view text);

/// Also of IPv4 addresses inside IPv6 ones (mapped, compatible, NAT64, 6to4).
ip_range range_of(const ip_address& address) noexcept;

} // namespace heddle::core
