#pragma once

#include "http/router.hpp"

#include <span>
#include <string_view>

namespace heddle::http {

/// All routes of the API, built or not, in its order (docs/api.md).
std::span<const route> routes();

/// Whether a route answers more than 501.
bool is_built(const route& r) noexcept;

} // namespace heddle::http
