#pragma once

#include "heddle/error.hpp"
#include "heddle/http.hpp"

#include <memory>

namespace heddle {

class runtime;

/// `http_front::listen` on the shards of a runtime, which outlives the front.
result<std::unique_ptr<http_front>> listen_on(runtime& rt, server& srv,
                                              http_options opts);

} // namespace heddle
