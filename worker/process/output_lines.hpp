#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace heddle::worker {

/// Makes log lines of what a process prints: each at most `line_bytes_max`
/// long, with control bytes escaped, and at most `lines_per_second_max` of
/// them, so that a worker that prints in a loop cannot drown the log.
class output_lines {
public:
  static constexpr std::size_t line_bytes_max = 8 * 1024;
  static constexpr std::size_t lines_per_second_max = 1000;

  using clock = std::chrono::steady_clock;

  explicit output_lines(std::function<void(std::string line)> log)
    : log_(std::move(log)) {}

  void feed(std::string_view bytes, clock::time_point now);

  /// Logs what has begun and how much was left out.
  void finish();

private:
  void line_over(clock::time_point now);
  void tell_left_out();

  std::function<void(std::string line)> log_;
  std::string line_; ///< As far as it came, and as far as it is kept.
  clock::time_point second_{};
  std::size_t in_second_ = 0;
  std::size_t left_out_ = 0;
};

} // namespace heddle::worker
