#pragma once

#include "heddle/error.hpp"
#include "heddle/server.hpp"

#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace heddle::http {

/// Reads the API's description. No file: empty.
/// Errors: `errc::invalid_argument` if it cannot be read or is no JSON object.
result<std::string> read_openapi(const std::string& file);

/// The same as it is served. The graphs are named in it when it is first asked
/// for: most servers start more often than they are.
class openapi_document {
public:
  explicit openapi_document(std::string text) : text_(std::move(text)) {}

  bool empty() const noexcept { return text_.empty(); }

  /// Any thread. `graphs` counts the first time.
  const std::string& naming(const std::vector<graph_status>& graphs);

private:
  std::once_flag named_;
  std::string text_;
};

} // namespace heddle::http
