#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace heddle::worker {

/// `untrusted` for a log line or an error text: at most `bytes_max` bytes of
/// it, with control characters and what is not UTF-8 as `\xHH`. A cut one ends
/// in `…`.
std::string printable(std::string_view untrusted, std::size_t bytes_max);

} // namespace heddle::worker
