#pragma once

#include "heddle/ids.hpp"
#include "heddle/json.hpp"
#include "heddle/run.hpp"

#include <cstdint>
#include <string_view>

namespace heddle::core {

/// `{"error":…,"message":…}`: how the API shows what ended a run.
json_text error_json(std::string_view name, std::string_view message);

/// The error of a run that was cancelled.
json_text cancelled_json(cancel_action action, std::string_view reason);

/// The error of a run whose worker or server died `strikes_max` times.
json_text out_of_attempts_json(const run_id& run, std::uint32_t strikes_max);

} // namespace heddle::core
