#pragma once

#include "worker/worker.hpp"

#include <memory>
#include <string>
#include <utility>

namespace heddle::worker::wire {

/// What a worker must speak.
constexpr std::uint64_t protocol_version = 1;

/// Reads one frame of a worker (without its length). Payloads are slices that
/// share `frame`.
/// - `errc::bad_request`: not as docs/worker-protocol.md says; the text tells
///   where and why.
result<std::pair<run_no, report>>
decode(const std::shared_ptr<const std::string>& frame);

} // namespace heddle::worker::wire
