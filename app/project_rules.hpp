#pragma once

#include "heddle/error.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>

namespace heddle::app {

/// Whether the document has only keys that are known, built or without effect
/// at run time. Keys that are null, false or empty ask for nothing.
std::optional<error> check_keys(const nlohmann::ordered_json& document);

} // namespace heddle::app
