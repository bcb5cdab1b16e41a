#pragma once

#include <string>
#include <string_view>

namespace heddle::bench {

/// What a benchmark found, as one line of JSON. The unit of a figure is the end
/// of its name: `_per_s`, `_us`, `_ms`, `_mib`, `_ratio`.
class report {
public:
  explicit report(std::string_view bench);

  void put(std::string_view name, double value);
  void put(std::string_view name, std::string_view text);

  /// To stdout.
  void print() const;

private:
  std::string text_;
};

} // namespace heddle::bench
