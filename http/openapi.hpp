#pragma once

#include "heddle/error.hpp"
#include "heddle/server.hpp"

#include <string>
#include <vector>

namespace heddle::http {

/// Reads the API's description and names the graphs in it. No file: empty.
/// Errors: `errc::invalid_argument` if it cannot be read or is not JSON.
result<std::string> read_openapi(const std::string& file,
                                 const std::vector<graph_status>& graphs);

} // namespace heddle::http
