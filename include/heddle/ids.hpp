#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace heddle::inline v0 {

/// The 16 bytes of a UUID in network order.
using uuid_bytes = std::array<std::uint8_t, 16>;

/// Reads a UUID as Python's `uuid.UUID(str)` does, which is what the API
/// accepts: any case, hyphens anywhere or nowhere, braces, `urn:uuid:`.
std::optional<uuid_bytes> parse_uuid(std::string_view text) noexcept;

/// Lower case, with hyphens: the form that the API prints.
std::string format_uuid(const uuid_bytes& bytes);

/// The UUIDv5 of `name` in the namespace that the API uses for the assistants
/// of registered graphs (`6ba7b821-9dad-11d1-80b4-00c04fd430c8`).
uuid_bytes graph_uuid(std::string_view name);

/// A UUID. `Tag` keeps the ids of different nouns apart.
template <class Tag>
class basic_id {
public:
  /// The nil UUID; stands for "none" where a comment says so.
  constexpr basic_id() noexcept = default;

  explicit constexpr basic_id(const uuid_bytes& bytes) noexcept
    : bytes_(bytes) {}

  /// Reads one as `parse_uuid` does.
  static std::optional<basic_id> parse(std::string_view text) noexcept {
    if (auto bytes = parse_uuid(text))
      return basic_id{*bytes};
    return std::nullopt;
  }

  /// As the API prints it.
  std::string str() const { return format_uuid(bytes_); }

  /// Its 16 bytes, in network order.
  const uuid_bytes& bytes() const noexcept { return bytes_; }

  auto operator<=>(const basic_id&) const = default;

private:
  uuid_bytes bytes_{};
};

using thread_id = basic_id<struct thread_tag>;
using run_id = basic_id<struct run_tag>;
using assistant_id = basic_id<struct assistant_tag>;

} // namespace heddle::inline v0

template <class Tag>
struct std::hash<heddle::basic_id<Tag>> {
  // Not the first bytes: those of a v7 id are the time.
  std::size_t operator()(const heddle::basic_id<Tag>& id) const noexcept {
    std::uint64_t hi = 0;
    std::uint64_t lo = 0;
    std::memcpy(&hi, id.bytes().data(), 8);
    std::memcpy(&lo, id.bytes().data() + 8, 8);
    auto mixed = (hi ^ lo) * 0x9E3779B97F4A7C15ULL;
    return static_cast<std::size_t>(mixed ^ (mixed >> 32));
  }
};
