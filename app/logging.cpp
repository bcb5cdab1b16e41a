#include "app/logging.hpp"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <atomic>
#include <chrono>

namespace heddle::app {

struct program_log::impl {
  static constexpr std::size_t queued_lines_max = 8192;

  impl(log_format how, log_level from)
    : format(how), least(from),
      pool(std::make_shared<spdlog::details::thread_pool>(queued_lines_max, 1)),
      logger(std::make_shared<spdlog::async_logger>(
        "heddle", std::make_shared<spdlog::sinks::stderr_sink_mt>(), pool,
        spdlog::async_overflow_policy::overrun_oldest)) {
    logger->set_pattern("%v");
    logger->set_level(spdlog::level::trace);
  }

  void write(log_level level, std::string_view text, const log_fields& fields) {
    if (level < least)
      return;
    auto now = std::chrono::time_point_cast<std::chrono::microseconds>(
      std::chrono::system_clock::now());
    auto line = format_line(format, now, level, text, fields);
    logger->log(spdlog::level::info, spdlog::string_view_t{line});
  }

  log_format format;
  log_level least;
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> logger;
};

program_log::program_log(log_format format, log_level least)
  : impl_(std::make_shared<impl>(format, least)) {}

program_log::~program_log() = default;

log_sink program_log::sink() const {
  return [weak = std::weak_ptr{impl_}](log_level level, std::string_view text,
                                       const log_fields& fields) {
    if (auto log = weak.lock())
      log->write(level, text, fields);
  };
}

} // namespace heddle::app
