#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The way to the log for everything that has something to say to an operator.
// What is behind it (format, destination, escaping) belongs to the program.

namespace heddle::inline v0 {

enum class log_level : std::uint8_t { debug, info, warning, error };

/// A named value beside the text of a log line. Never put secrets, bodies or
/// payloads in one.
struct log_field {
  log_field(std::string_view field, std::string text)
    : name(field), value(std::move(text)) {}
  log_field(std::string_view field, std::string_view text)
    : log_field(field, std::string{text}) {}
  log_field(std::string_view field, const char* text)
    : log_field(field, std::string{text}) {}
  log_field(std::string_view field, std::integral auto number)
    : name(field), value(std::to_string(number)), number(true) {}

  std::string name;
  std::string value;
  bool number = false; ///< `value` is an integer, to be shown as one.
};
using log_fields = std::vector<log_field>;

/// Takes one line. Any thread may call; it neither blocks for long nor throws.
/// The text is for humans and constant for one kind of event; what varies goes
/// into the fields. Control bytes in either are escaped by the receiver.
using log_sink
  = std::function<void(log_level level, std::string_view text, log_fields)>;

/// A sink that drops everything: for tests and for hosts without a log.
inline log_sink no_log() {
  return [](log_level, std::string_view, const log_fields&) {};
}

} // namespace heddle::inline v0
