#pragma once

#include "tests/catch.hpp"
#include "tests/embed/opened.hpp"

#include <malloc.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <future>
#include <iterator>
#include <thread>

namespace heddle::test {

/// What this process has of the system's.
struct holdings {
  std::size_t descriptors = 0;
  std::size_t os_threads = 0;
  std::size_t heap_bytes = 0; ///< In use; 0 where that cannot be told.
};

inline std::size_t count_entries(const char* folder) {
  std::filesystem::directory_iterator all{folder};
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

inline holdings count_holdings() {
  return {count_entries("/proc/self/fd"), count_entries("/proc/self/task"),
          mallinfo2().uordblks};
}

/// `work` many times; what the process holds does not grow with it. It throws
/// what goes wrong: what it asserted, a reporter would keep.
template <class Work>
void leaves_nothing(int warm, int times, Work work) {
  // On a thread of its own: what the allocator keeps for it goes with it.
  auto once = [&] { std::async(std::launch::async, work).get(); };
  for (int i = 0; i < warm; ++i)
    once();
  auto before = count_holdings();
  for (int i = 0; i < times; ++i)
    once();
  auto after = count_holdings();
  // The system lists one that was joined for a moment longer.
  auto until = std::chrono::steady_clock::now() + wait_max;
  while (after.os_threads > before.os_threads
         && std::chrono::steady_clock::now() < until) {
    std::this_thread::yield();
    after = count_holdings();
  }
  CHECK(after.descriptors == before.descriptors);
  CHECK(after.os_threads <= before.os_threads);
  // Less than 100 bytes a time, where there are many times; one actor alone has
  // ten times as many.
  CHECK(after.heap_bytes <= before.heap_bytes + 16'384U + 100U * times);
}

} // namespace heddle::test
