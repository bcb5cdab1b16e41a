#pragma once

#include "core/object_reader.hpp"

#include <string>
#include <utility>
#include <vector>

namespace heddle::core {

/// Reads `extract` of a thread search: at most ten aliases that are names and
/// no columns, each of a path into values, metadata, config or interrupts.
std::vector<std::pair<std::string, std::string>>
read_extract(object_reader& from);

} // namespace heddle::core
