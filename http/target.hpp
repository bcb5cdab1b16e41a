#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::http {

/// The path of a request target in decoded segments.
struct path_parts {
  static constexpr std::size_t segments_max = 12;

  std::string_view path;  ///< As sent.
  std::string_view query; ///< As sent, without `?`.
  std::array<std::string_view, segments_max> decoded;
  std::size_t count = 0;
  bool too_many = false;     ///< No route is that deep.
  bool slash_at_end = false; ///< `/runs/`; not `/`.

  std::span<const std::string_view> segments() const noexcept {
    return {decoded.data(), count};
  }
};

/// Cuts a target (origin form or absolute form) into its segments, decoding
/// each once. The views are of `target` and of `scratch`.
/// @returns nothing for what is refused: a bad or a NUL escape, `%2f`, `..`,
/// text that is not UTF-8.
std::optional<path_parts> split_target(std::string_view target,
                                       std::string& scratch);

/// The query of a target. Values are decoded when asked for: `+` is a space,
/// what is no escape stays as it is, what is not UTF-8 becomes U+FFFD.
class query_text {
public:
  query_text() = default;
  explicit query_text(std::string_view raw) : raw_(raw) {}

  /// The last value of `key`.
  std::optional<std::string> last(std::string_view key) const;
  std::vector<std::string> all(std::string_view key) const;

  /// Whether the last value is `true`, `yes` or `1`, in any case.
  bool truth(std::string_view key) const;

private:
  std::string_view raw_;
};

bool is_utf8(std::string_view text) noexcept;

} // namespace heddle::http
