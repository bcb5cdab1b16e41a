#pragma once

#include "heddle/json.hpp"

#include <string_view>

namespace heddle::core {

/// `{"error":…,"message":…}`: how the API shows what ended a run.
json_text error_json(std::string_view name, std::string_view message);

} // namespace heddle::core
