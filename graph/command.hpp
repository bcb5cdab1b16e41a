#pragma once

#include "graph/values.hpp"

#include <string_view>
#include <vector>

namespace heddle::graph {

/// A command as the API writes it, `{update, goto, resume}`, as writes; the
/// resume is not among them. `update`: an object, or a list of pairs.
/// @returns `errc::invalid_argument` for nodes that there are not.
result<std::vector<write>> command_writes(const plan& of,
                                          std::string_view command);

} // namespace heddle::graph
