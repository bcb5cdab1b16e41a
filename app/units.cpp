#include "app/units.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace heddle::app {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds duration_max = std::chrono::hours{24 * 366};

std::string lower(std::string_view text) {
  std::string result{text};
  std::ranges::transform(result, result.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  return result;
}

/// Splits `1.5GiB` into its number and its unit.
std::optional<std::pair<double, std::string>> split(std::string_view text) {
  double number = 0;
  auto end = text.data() + text.size();
  auto [rest, failed]
    = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (failed != std::errc{} || !(number >= 0))
    return std::nullopt;
  return std::pair{number, lower({rest, end})};
}

std::optional<double> unit_ms(std::string_view unit, milliseconds bare) {
  constexpr std::pair<std::string_view, double> units[] = {
    {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
  if (unit.empty())
    return static_cast<double>(bare.count());
  for (auto [name, factor] : units)
    if (unit == name)
      return factor;
  return std::nullopt;
}

std::optional<double> unit_bytes(std::string_view unit) {
  constexpr std::string_view prefixes = "kmgt";
  if (unit.empty() || unit == "b")
    return 1;
  auto place = prefixes.find(unit.front());
  auto rest = unit.substr(1);
  if (place == prefixes.npos || (!rest.empty() && rest != "b" && rest != "ib"))
    return std::nullopt;
  return static_cast<double>(1ULL << (10 * (place + 1)));
}

/// The Levenshtein distance.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j)
    row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      auto change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({change, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

} // namespace

error wrong(std::string text) {
  return {errc::invalid_argument, std::move(text)};
}

result<milliseconds> parse_duration(std::string_view text, milliseconds bare) {
  auto parts = split(text);
  auto factor = parts ? unit_ms(parts->second, bare) : std::nullopt;
  if (!factor)
    return wrong("expected a duration such as 500ms, 0.5s, 5s or 2m");
  auto ms = parts->first * *factor;
  if (ms > static_cast<double>(duration_max.count()))
    return wrong("expected a duration of at most 366 days");
  return milliseconds{static_cast<milliseconds::rep>(ms)};
}

result<std::size_t> parse_bytes(std::string_view text) {
  auto parts = split(text);
  auto factor = parts ? unit_bytes(parts->second) : std::nullopt;
  auto bytes = factor ? parts->first * *factor : 0;
  if (bytes < 1 || bytes > 0x1p50)
    return wrong("expected a size such as 4096, 16KiB, 32MiB or 1GiB");
  return static_cast<std::size_t>(bytes);
}

result<std::uint64_t> parse_count(std::string_view text, std::uint64_t least,
                                  std::uint64_t most) {
  std::uint64_t number = 0;
  auto end = text.data() + text.size();
  auto [rest, failed] = std::from_chars(text.data(), end, number);
  if (failed != std::errc{} || rest != end || number < least || number > most)
    return wrong("expected a whole number from " + std::to_string(least)
                 + " to " + std::to_string(most));
  return number;
}

result<bool> parse_bool(std::string_view text) {
  auto word = lower(text);
  if (word == "true" || word == "1" || word == "yes" || word == "on")
    return true;
  if (word == "false" || word == "0" || word == "no" || word == "off")
    return false;
  return wrong("expected true or false");
}

std::string_view nearest(std::string_view text,
                         std::span<const std::string_view> names) {
  std::string_view best;
  auto least = std::numeric_limits<std::size_t>::max();
  auto word = lower(text);
  for (auto name : names)
    if (auto d = distance(word, lower(name)); d < least) {
      best = name;
      least = d;
    }
  return least <= 1 + text.size() / 4 ? best : std::string_view{};
}

std::string hint(std::string_view text,
                 std::span<const std::string_view> names) {
  auto name = nearest(text, names);
  return name.empty() ? std::string{}
                      : " Did you mean " + std::string{name} + "?";
}

} // namespace heddle::app
