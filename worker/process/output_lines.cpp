#include "worker/process/output_lines.hpp"

#include "worker/printable.hpp"

#include <algorithm>
#include <utility>

namespace heddle::worker {

void output_lines::feed(std::string_view bytes, clock::time_point now) {
  while (!bytes.empty()) {
    auto end = bytes.find('\n');
    auto part = bytes.substr(0, end);
    // One more than is shown: that tells `printable` that it was cut.
    auto kept = std::min(part.size(), line_bytes_max + 1 - line_.size());
    line_.append(part.substr(0, kept));
    if (end == std::string_view::npos)
      return;
    bytes.remove_prefix(end + 1);
    line_over(now);
  }
}

void output_lines::finish() {
  if (!line_.empty())
    log_(printable(std::exchange(line_, {}), line_bytes_max));
  tell_left_out();
}

void output_lines::line_over(clock::time_point now) {
  using namespace std::chrono_literals;
  if (now - second_ >= 1s) {
    tell_left_out();
    second_ = now;
    in_second_ = 0;
  }
  auto line = std::exchange(line_, {});
  if (line.ends_with('\r'))
    line.pop_back();
  if (++in_second_ > lines_per_second_max)
    ++left_out_;
  else
    log_(printable(line, line_bytes_max));
}

void output_lines::tell_left_out() {
  if (left_out_ > 0)
    log_("(" + std::to_string(std::exchange(left_out_, 0))
         + " lines left out)");
}

} // namespace heddle::worker
