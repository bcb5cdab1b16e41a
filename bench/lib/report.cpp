#include "bench/lib/report.hpp"

#include <cstdio>

namespace heddle::bench {

report::report(std::string_view bench) {
  text_ = "{\"bench\":\"" + std::string{bench} + "\"";
}

void report::put(std::string_view name, double value) {
  char number[32];
  std::snprintf(number, sizeof number, "%.5g", value);
  text_.append(",\"").append(name).append("\":").append(number);
}

void report::put(std::string_view name, std::string_view text) {
  text_.append(",\"").append(name).append("\":\"");
  text_.append(text).append("\"");
}

void report::print() const {
  std::printf("%s}\n", text_.c_str());
  std::fflush(stdout);
}

} // namespace heddle::bench
