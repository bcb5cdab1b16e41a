#pragma once

#include "heddle/codec.hpp"

#include <nlohmann/json.hpp>

#include <string>

// For those who use nlohmann/json: the only header of Heddle that includes it.

namespace heddle::graph {

/// Every type that nlohmann/json converts from and to JSON, itself included.
template <class T>
requires requires(const nlohmann::json& json, const T& value) {
  json.get<T>();
  nlohmann::json(value);
}
struct codec<T> {
  /// Throws what nlohmann/json throws.
  static T decode(const json_text& text) {
    return nlohmann::json::parse(text.or_else("null")).template get<T>();
  }

  /// The same.
  static json_text encode(const T& value) {
    return json_text{nlohmann::json(value).dump()};
  }
};

} // namespace heddle::graph
