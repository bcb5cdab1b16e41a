#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Small documents that the store looks into: metadata, filters. Payloads are
// only cut, never parsed.

namespace heddle::sqlite {

/// Parses what was validated before; `null` if it is no JSON after all.
nlohmann::json parse(std::string_view text);

/// Containment: every member of `want` is in `have`, nested objects likewise,
/// each element of an array is contained in some element, scalars are equal.
bool contains(const nlohmann::json& have, const nlohmann::json& want);

/// A hash for every scalar in the object, made of its path and its value; none
/// if it is no object.
/// If `a` contains `b`, then the leaves of `a` include those of `b`. Sorted.
std::vector<std::int64_t> leaves(const nlohmann::json& document);

/// The strings of a JSON array.
std::vector<std::string> to_strings(std::string_view array);

/// `{task: [{"id","value"}…]}` of those tasks that wait for an answer.
std::string interrupts_of(std::string_view tasks);

} // namespace heddle::sqlite
