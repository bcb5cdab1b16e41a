#include "app/signals.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

namespace heddle::app {

namespace {

int checked(int fd, const char* what) {
  if (fd < 0)
    throw std::system_error{errno, std::generic_category(), what};
  return fd;
}

} // namespace

stop_signals::stop_signals() {
  sigset_t mine;
  sigemptyset(&mine);
  for (auto each : {SIGINT, SIGTERM, SIGHUP})
    sigaddset(&mine, each);
  pthread_sigmask(SIG_BLOCK, &mine, &before_);
  std::signal(SIGPIPE, SIG_IGN);
  signals_ = checked(signalfd(-1, &mine, SFD_CLOEXEC), "signalfd");
  wakes_ = checked(eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE), "eventfd");
}

stop_signals::~stop_signals() {
  ::close(signals_);
  ::close(wakes_);
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

int stop_signals::wait() {
  std::array<pollfd, 2> both{{{signals_, POLLIN, 0}, {wakes_, POLLIN, 0}}};
  for (;;) {
    if (poll(both.data(), both.size(), -1) < 0)
      continue; // Interrupted.
    if ((both[0].revents & POLLIN) != 0) {
      signalfd_siginfo which{};
      if (::read(signals_, &which, sizeof which) == sizeof which)
        return static_cast<int>(which.ssi_signo);
    }
    if ((both[1].revents & POLLIN) != 0) {
      std::uint64_t one = 0;
      if (::read(wakes_, &one, sizeof one) == sizeof one)
        return 0;
    }
  }
}

void stop_signals::wake() noexcept {
  std::uint64_t one = 1;
  [[maybe_unused]] auto written = ::write(wakes_, &one, sizeof one);
}

} // namespace heddle::app
