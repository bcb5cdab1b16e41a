#include "app/settings.hpp"

#include <algorithm>
#include <thread>

namespace heddle::app {

settings::settings()
  : io_threads(std::max(1U, std::thread::hardware_concurrency())) {
  server.workers = io_threads;
}

} // namespace heddle::app
