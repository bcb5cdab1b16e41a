#pragma once

#include "store/sqlite_store.hpp"
#include "store/store.hpp"

#include <memory>

namespace heddle {

/// A store that ends with the process: the same SQL on a database in memory,
/// with one OS thread that commits and reads in turn. A read sees what was
/// committed before it. Limits and answers are those of the port; of the
/// options, `readers` means nothing here.
std::unique_ptr<store> open_memory(sqlite_options options = {});

} // namespace heddle
