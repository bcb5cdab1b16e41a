#pragma once

#include "heddle/assistant.hpp"
#include "heddle/run.hpp"
#include "heddle/server.hpp"
#include "heddle/thread.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Records as the JSON of the API. `select` reduces the object to those keys
// (empty: all), in the API's order. Payloads are copied, not parsed.

namespace heddle::inline v0 {

std::string to_json(const run_record& run,
                    const std::vector<std::string>& select = {});
std::string to_json(const assistant_record& assistant,
                    const std::vector<std::string>& select = {});
/// `extract`: alias -> path (`values.messages[-1].content`), checked before.
std::string
to_json(const thread_record& thread,
        const std::vector<std::string>& select = {},
        const std::vector<std::pair<std::string, std::string>>& extract = {});
std::string to_json(const cancel_receipt& receipt);

std::string_view to_string(cancel_receipt::outcome what) noexcept;

} // namespace heddle::inline v0
