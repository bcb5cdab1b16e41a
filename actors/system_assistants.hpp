#pragma once

#include "heddle/time.hpp"
#include "store/store.hpp"

#include <string>
#include <vector>

namespace heddle::actors {

/// Sees to it that every graph has the assistant of its name. One that is there
/// already stays as it is. Inside a transaction.
void put_system_assistants(write_tx& tx, const std::vector<std::string>& graphs,
                           timestamp now);

} // namespace heddle::actors
