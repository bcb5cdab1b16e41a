#pragma once

#include "core/enum_words.hpp"
#include "core/object_reader.hpp"

#include <span>

namespace heddle::core {

inline constexpr object_reader::bounds limit_bounds{1, 1000};
inline constexpr object_reader::bounds offset_bounds{
  0, std::numeric_limits<std::int64_t>::max()};

/// Reads `limit`, `offset`, `sort_by` and `sort_order` of a search.
template <class Query>
void read_paging(object_reader& from, Query& query,
                 std::span<const std::string_view> words,
                 std::span<const typename Query::key> keys) {
  if (auto limit = from.integer("limit", limit_bounds))
    query.limit = static_cast<std::uint32_t>(*limit);
  if (auto offset = from.integer("offset", offset_bounds))
    query.offset = static_cast<std::uint64_t>(*offset);
  if (auto by = from.choice("sort_by", words))
    query.sort = keys[*by];
  if (from.choice("sort_order", sort_order_words) == 0)
    query.order = sort_order::ascending;
}

} // namespace heddle::core
