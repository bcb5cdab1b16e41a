#pragma once

#include "heddle/log.hpp"
#include "heddle/options.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace heddle::app {

enum class log_format : std::uint8_t { text, json };

/// Everything that an operator can choose about `heddle serve`, in types.
struct settings {
  std::string config = "langgraph.json";
  std::string host = "127.0.0.1";
  std::uint16_t port = 2024; ///< 0: any free one.
  std::string data;          ///< Empty: `.heddle` beside the configuration.
  std::string python;        ///< Empty: see `choose_python`.
  /// Shared libraries with C++ graphs, each served by processes of its own.
  std::vector<std::string> graph_libraries;
  std::string api_key_file; ///< Empty: no keys are asked for.
  bool insecure = false;    ///< No keys on a host that is not loopback.
  std::size_t io_threads;   ///< One per core.
  log_format format = log_format::text;
  log_level level = log_level::info;
  /// Names of the variables that workers get; empty: all but `HEDDLE_…`.
  std::vector<std::string> worker_env;

  // -- HTTP: docs/security.md
  std::vector<std::string> cors_origins{"*"};
  std::size_t body_bytes_max = 32U << 20U;
  std::size_t header_bytes_max = 16U << 10U;
  std::size_t connections_max = 10'000;
  std::chrono::milliseconds header_timeout{10'000};
  std::chrono::milliseconds body_timeout{30'000};
  std::chrono::milliseconds idle_timeout{75'000};
  std::chrono::milliseconds write_timeout{30'000};

  options server;

  /// The defaults of this machine.
  settings();
};

} // namespace heddle::app
