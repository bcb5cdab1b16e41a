#pragma once

#include "heddle/error.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

// The texts of failed schema rules, as clients know them: a message, the rule,
// and the value as compact JSON with sorted keys.

namespace heddle::core {

/// Where a value stands: the path to its schema, and to itself in the body.
struct place {
  std::string schema;   ///< `["properties"]["run_ids"]["items"]`
  std::string instance; ///< `["run_ids"][0]`

  place member(std::string_view name) const;
  place element(std::size_t index) const;
  /// The same value, checked by a schema that has a name of its own.
  place by(std::string_view schema_name) const;
};

/// What a type rule calls the types of JSON.
enum class schema_type : std::uint8_t {
  array,
  boolean,
  integer,
  null,
  number,
  object,
  string,
};

/// Says `text` with its keys sorted and without blanks, as the texts show it.
std::string compact(std::string_view text);

error not_of_type(schema_type wanted, const place& at, std::string_view value);
error not_of_types(std::span<const schema_type> wanted, const place& at,
                   std::string_view value);
error not_in_enum(std::span<const std::string_view> allowed, const place& at,
                  std::string_view value);
error missing_property(std::string_view name, const place& at,
                       std::string_view value);
error matches_none(std::string_view keyword, const place& at,
                   std::string_view value);
error matches_many(const place& at, std::string_view value);
error below_minimum(std::int64_t minimum, const place& at,
                    std::string_view value);
error above_maximum(std::int64_t maximum, const place& at,
                    std::string_view value);
error too_few_items(std::size_t minimum, const place& at,
                    std::string_view value);
error too_many_properties(std::size_t maximum, const place& at,
                          std::string_view value);
error too_short(std::size_t minimum, const place& at, std::string_view value);
error too_long(std::size_t maximum, const place& at, std::string_view value);

} // namespace heddle::core
