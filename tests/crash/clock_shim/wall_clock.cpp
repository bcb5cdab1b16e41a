// A wall clock that jumps, to be preloaded (LD_PRELOAD) into a program.
//
// The file $WALL_CLOCK holds a number: so many seconds is the clock away from
// the true time, from the moment that the file says so. Monotonic clocks and
// every wait are left alone (faketime changes them too: it makes a never of
// the timer of a timerfd that is set to a past time).

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

using offset = std::atomic<std::int64_t>;

/// None that could be read: the true time.
const offset* map_offset() {
  static const offset none{0};
  const char* path = std::getenv("WALL_CLOCK");
  int fd = path ? ::open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (fd < 0)
    return &none;
  auto* at = ::mmap(nullptr, sizeof(offset), PROT_READ, MAP_SHARED, fd, 0);
  ::close(fd);
  return at == MAP_FAILED ? &none : static_cast<const offset*>(at);
}

std::int64_t seconds_away() {
  static const offset* const at = map_offset();
  return at->load();
}

} // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* now) noexcept {
  auto code = static_cast<int>(::syscall(SYS_clock_gettime, clock, now));
  if (code == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    now->tv_sec += seconds_away();
  return code;
}

int gettimeofday(timeval* __restrict now, void* __restrict) noexcept {
  timespec exact{};
  auto code = clock_gettime(CLOCK_REALTIME, &exact);
  now->tv_sec = exact.tv_sec;
  now->tv_usec = exact.tv_nsec / 1000;
  return code;
}

time_t time(time_t* now) noexcept {
  timespec exact{};
  clock_gettime(CLOCK_REALTIME, &exact);
  if (now)
    *now = exact.tv_sec;
  return exact.tv_sec;
}

} // extern "C"
