#pragma once

#include "app/settings.hpp"
#include "heddle/log.hpp"
#include "heddle/time.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace heddle::app {

/// One line, without its end: a JSON object, or text with `name=value` behind
/// it. Control bytes are escaped, what is not UTF-8 is replaced, and long texts
/// are cut: no log line can be forged by what is in it.
std::string format_line(log_format format, timestamp when, log_level level,
                        std::string_view text, const log_fields& fields);

/// The log of the program, on standard error. Lines are written by an OS thread
/// of its own; if nobody reads them, the oldest are dropped. The sink may be
/// used after the log is gone, and then does nothing.
class program_log {
public:
  program_log(log_format format, log_level least);

  /// Writes what is queued.
  ~program_log();

  program_log(const program_log&) = delete;
  program_log& operator=(const program_log&) = delete;

  log_sink sink() const;

private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

} // namespace heddle::app
