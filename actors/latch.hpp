#pragma once

#include <functional>
#include <memory>
#include <utility>

namespace heddle::actors {

/// Something shared whose last holder's letting go calls `done`, on whatever
/// thread that is.
inline std::shared_ptr<void> make_latch(std::function<void()> done) {
  return {nullptr, [done = std::move(done)](void*) { done(); }};
}

} // namespace heddle::actors
