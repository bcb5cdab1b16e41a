#pragma once

#include "core/json_slice.hpp"
#include "heddle/json.hpp"

#include <deque>
#include <initializer_list>
#include <string>
#include <string_view>

namespace heddle::core {

/// An object under construction: merged from others, member by member, in the
/// order of first mention. Values stay text: numbers leave as they came.
class json_object {
public:
  json_object() = default;

  /// The members of `text`, which must outlive this; none if it is no object.
  explicit json_object(std::string_view text) { merge(text); }

  json_object(json_object&&) = default; // A copy would point into `*this`.
  json_object& operator=(json_object&&) = default;

  /// Takes over every member of the object `text`, which must outlive this.
  void merge(std::string_view text);

  /// Sets a member to JSON. Keeps a copy.
  void set(std::string name, std::string value);

  void erase(std::string_view name);

  std::optional<std::string_view> find(std::string_view name) const {
    return members_.find(name);
  }

  bool empty() const noexcept { return members_.empty(); }
  auto begin() const noexcept { return members_.begin(); }
  auto end() const noexcept { return members_.end(); }
  std::string str() const;

private:
  object_slices members_;
  std::deque<std::string> owned_; ///< What `set` was given.
};

/// Shallow merge of objects; the later ones win. Empty ones are skipped.
json_text merge_objects(std::initializer_list<json_text> objects);

/// `["a","b"]`
std::string json_array(const std::vector<std::string>& texts);

} // namespace heddle::core
