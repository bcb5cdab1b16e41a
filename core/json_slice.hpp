#pragma once

#include "heddle/error.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

// Looking into JSON without parsing it. Everything here takes text that
// `check_json` has passed, and hands out slices of it.

namespace heddle::core {

enum class json_kind : std::uint8_t {
  null,
  boolean,
  number,
  string,
  array,
  object,
};

/// The kind of a value; `text` starts with it.
json_kind kind_of(std::string_view text) noexcept;

/// The value without the blanks around it.
std::string_view trim(std::string_view text) noexcept;

/// A JSON string's characters. Its escapes are resolved.
std::string unquote(std::string_view string);

/// The members of one object, in its order. Of members with the same name only
/// the last is there, at the place of the first.
class object_slices {
public:
  struct member {
    std::string name;
    std::string_view value;
  };

  /// @returns nothing if there is no such member.
  std::optional<std::string_view> find(std::string_view name) const;

  /// The characters of a member that is a string; nothing if it is none.
  std::optional<std::string> text(std::string_view name) const;

  /// The member; empty if there is none, or if it is null.
  std::string_view given(std::string_view name) const;

  void set(std::string name, std::string_view value);
  void erase(std::string_view name);

  bool empty() const noexcept { return members_.empty(); }
  std::size_t size() const noexcept { return members_.size(); }
  auto begin() const noexcept { return members_.begin(); }
  auto end() const noexcept { return members_.end(); }

private:
  std::optional<std::size_t> position(std::string_view name) const;

  void make_index();

  std::vector<member> members_;
  /// Name to position; kept only when there are many.
  std::unordered_map<std::string, std::size_t> index_;
};

/// Cuts an object into its members. The slices live as long as `text`.
/// @returns `errc::invalid_argument` if `text` is no object.
result<object_slices> slice_object(std::string_view text);

/// As `slice_object`; no members if `text` is no object.
object_slices members_of(std::string_view text);

/// One member of the object `text`; empty if there is none, or no object.
std::string_view member_of(std::string_view text, std::string_view name);

/// Cuts an array into its elements; none if `text` is no array.
std::vector<std::string_view> slice_array(std::string_view text);

} // namespace heddle::core
