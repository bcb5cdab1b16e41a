#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace heddle::inline v0 {

/// Valid JSON as text: a slice of a shared, immutable buffer. Copies are cheap
/// and share the bytes. Payloads (inputs, values, events) travel in this form
/// from the border to the store and back, and are never parsed on the way, so
/// numbers and the order of keys leave as they came. Empty means "absent".
class json_text {
public:
  json_text() = default;

  /// Takes over `text`, which must be valid JSON.
  explicit json_text(std::string text)
    : owner_(std::make_shared<const std::string>(std::move(text))),
      view_(*owner_) {}

  /// A slice of `owner`, which must hold valid JSON there.
  json_text(std::shared_ptr<const std::string> owner, std::string_view slice)
    : owner_(std::move(owner)), view_(slice) {}

  /// Whether it is absent. `null` is not.
  bool empty() const noexcept { return view_.empty(); }
  /// The text, which lives as long as this or a copy of it.
  std::string_view view() const noexcept { return view_; }
  /// A copy of the text.
  std::string str() const { return std::string{view_}; }

  /// The text, or `fallback` if absent.
  std::string_view or_else(std::string_view fallback) const noexcept {
    return empty() ? fallback : view_;
  }

  bool operator==(const json_text& other) const noexcept {
    return view_ == other.view_;
  }

private:
  std::shared_ptr<const std::string> owner_;
  std::string_view view_;
};

/// `text` as a JSON string, quotes included.
std::string json_quote(std::string_view text);

} // namespace heddle::inline v0
