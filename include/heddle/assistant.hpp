#pragma once

#include "heddle/ids.hpp"
#include "heddle/json.hpp"
#include "heddle/time.hpp"

#include <cstdint>
#include <string>

namespace heddle::inline v0 {

/// An assistant: a graph plus a configuration, in its current version.
struct assistant_record {
  assistant_id id;
  std::string graph;
  json_text config;   ///< An object.
  json_text context;  ///< An object.
  json_text metadata; ///< An object.
  timestamp created;
  timestamp updated;
  std::uint32_t version = 1;
  std::string name;
  json_text description; ///< A JSON string, or empty for `null`.
};

} // namespace heddle::inline v0
