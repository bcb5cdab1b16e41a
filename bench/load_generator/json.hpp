#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace heddle::load {

using json = nlohmann::ordered_json;

/// Discarded (neither object nor array nor anything) if it is no JSON.
json parse(std::string_view text);

/// The value of the first member of that name that is a string, found without
/// parsing; empty if there is none. What it finds wrong is to be looked at
/// again with `parse`: a member within another one may have the same name.
std::string_view field(std::string_view text, std::string_view name);

/// Whether a member of the object itself has that value: by `field`, and by
/// `parse` where that finds another one.
bool has_field(std::string_view text, std::string_view name,
               std::string_view value);

} // namespace heddle::load
