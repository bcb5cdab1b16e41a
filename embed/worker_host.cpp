#include "embed/worker_host.hpp"

#include <exception>
#include <utility>

namespace heddle {

result<worker_host> worker_host::start() {
  try {
    auto made = std::make_unique<impl>();
    made->handle = worker::start_launcher_process();
    return worker_host{std::move(made)};
  } catch (const std::exception& why) {
    return error{errc::unavailable,
                 std::string{"no process for workers: "} + why.what()};
  }
}

worker_host::worker_host(std::unique_ptr<impl> made) : impl_(std::move(made)) {
  // nop
}

worker_host::worker_host(worker_host&&) noexcept = default;

worker_host& worker_host::operator=(worker_host&&) noexcept = default;

worker_host::~worker_host() = default;

std::unique_ptr<worker_host::impl> worker_host::take() noexcept {
  return std::move(impl_);
}

} // namespace heddle
