#pragma once

#include "http/head.hpp"
#include "http/reply.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace heddle::http {

/// Which browser pages may call. Credentials are never allowed, so that `*` is
/// safe: whoever calls must know a key.
class cors_policy {
public:
  explicit cors_policy(std::vector<std::string> origins);

  /// Whether it is a browser's question before the real request.
  static bool is_preflight(const request_head& head) noexcept;
  reply preflight(const request_head& head) const;

  /// Header lines for the answer to a request from `origin`.
  std::string lines(std::string_view origin) const;

private:
  bool allows(std::string_view origin) const;
  std::string allow_origin(std::string_view origin) const;

  std::vector<std::string> origins_;
  bool any_ = false;
};

} // namespace heddle::http
