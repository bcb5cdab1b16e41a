#pragma once

#include "heddle/error.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

// What people write as values of options. Every `parse_…` gives
// `errc::invalid_argument` with a text that says what would have been right.

namespace heddle::app {

/// An `errc::invalid_argument`.
error wrong(std::string text);

/// `500ms`, `0.5s`, `5s`, `2m`, `1h`; a bare number counts `bare` units.
/// At most 366 days.
result<std::chrono::milliseconds> parse_duration(std::string_view text,
                                                 std::chrono::milliseconds bare
                                                 = std::chrono::seconds{1});

/// `4096`, `16KiB`, `32MiB`, `1GiB` (also `k`, `m`, `g`, with or without `B`:
/// always powers of 1024). At least 1.
result<std::size_t> parse_bytes(std::string_view text);

/// A whole number from `least` to `most`.
result<std::uint64_t> parse_count(std::string_view text, std::uint64_t least,
                                  std::uint64_t most);

/// `true`, `1`, `yes`, `on` and their opposites, in any case.
result<bool> parse_bool(std::string_view text);

/// The name that `text` was probably meant to be, or nothing if none is near.
std::string_view nearest(std::string_view text,
                         std::span<const std::string_view> names);

/// ` Did you mean …?`, or nothing.
std::string hint(std::string_view text,
                 std::span<const std::string_view> names);

} // namespace heddle::app
