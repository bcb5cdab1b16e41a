#include "app/option_table.hpp"

#include "app/units.hpp"

#include <algorithm>
#include <cctype>
#include <type_traits>
#include <utility>

namespace heddle::app {

namespace {

using text = std::string_view;

result<void> set(std::string& where, text value) {
  if (value.empty())
    return error{errc::invalid_argument, "must not be empty"};
  where = value;
  return {};
}

result<void> set(std::vector<std::string>& where, text value) {
  where.clear();
  while (!value.empty()) {
    auto name = value.substr(0, value.find(','));
    value.remove_prefix(std::min(name.size() + 1, value.size()));
    while (name.starts_with(' '))
      name.remove_prefix(1);
    while (name.ends_with(' '))
      name.remove_suffix(1);
    if (!name.empty())
      where.emplace_back(name);
  }
  return {};
}

template <class To, class From>
result<void> assign(To& where, result<From> value) {
  if (value.has_error())
    return value.error();
  where = static_cast<To>(*value);
  return {};
}

result<void> set_duration(auto& where, text value) {
  auto parsed = parse_duration(value);
  if (parsed.has_error())
    return parsed.error();
  using unit = std::remove_reference_t<decltype(where)>;
  where = std::chrono::ceil<unit>(*parsed);
  if (where.count() == 0)
    return error{errc::invalid_argument, "must be more than zero"};
  return {};
}

result<void> set_level(settings& where, text value) {
  constexpr text names[] = {"debug", "info", "warning", "error"};
  std::string word{value};
  std::ranges::transform(word, word.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  if (word == "warn")
    word = "warning";
  if (word == "critical") // The reference has one level more.
    word = "error";
  auto place = std::ranges::find(names, word);
  if (place == std::end(names))
    return error{errc::invalid_argument,
                 "expected debug, info, warning or error." + hint(word, names)};
  where.level = static_cast<log_level>(place - names);
  return {};
}

result<void> set_format(settings& where, text value) {
  if (value != "json" && value != "text")
    return error{errc::invalid_argument, "expected json or text"};
  where.format = value == "json" ? log_format::json : log_format::text;
  return {};
}

constexpr text main_group = "Server";
constexpr text run_group = "Runs";
constexpr text http_group = "HTTP";
constexpr text hook_group = "Webhooks";
constexpr text log_group = "Log";

// The signature that the table wants, without its noise.
#define HEDDLE_SET(expression)                                                 \
  [](settings& s, [[maybe_unused]] text v) -> result<void> {                   \
    return expression;                                                         \
  }

constexpr option table[] = {
  {"--config", "FILE", main_group, "The project: a langgraph.json",
   "langgraph.json", "", HEDDLE_SET(set(s.config, v))},
  {"--host", "ADDRESS", main_group,
   "Where to listen; another than loopback needs --api-key-file or --insecure",
   "127.0.0.1", "", HEDDLE_SET(set(s.host, v))},
  {"--port", "NUMBER", main_group, "Where to listen; 0 is any free port",
   "2024", "", HEDDLE_SET(assign(s.port, parse_count(v, 0, 65'535)))},
  {"--data", "DIR", main_group, "Where threads, runs and checkpoints are kept",
   ".heddle beside the configuration", "", HEDDLE_SET(set(s.data, v))},
  {"--python", "FILE", main_group, "The interpreter that runs the graphs",
   "the active virtual environment, else the one ./serve made, else python3",
   "", HEDDLE_SET(set(s.python, v))},
  {"--graph-library", "FILES", main_group,
   "Shared libraries with graphs in C++, separated by commas; may be repeated",
   "none", "", HEDDLE_SET(set(s.graph_libraries, v)), true},
  {"--worker-env", "NAMES", main_group,
   "Variables that graphs may see, separated by commas", "all but HEDDLE_*", "",
   HEDDLE_SET(set(s.worker_env, v))},
  {"--api-key-file", "FILE", main_group,
   "Keys that clients must show (x-api-key), one a line", "none", "",
   HEDDLE_SET(set(s.api_key_file, v))},
  {"--insecure", "", main_group,
   "Serve a host that is not loopback without keys", "false", "",
   HEDDLE_SET(assign(s.insecure, parse_bool(v)))},
  {"--io-threads", "NUMBER", main_group,
   "OS threads for connections and decisions", "cores", "",
   HEDDLE_SET(assign(s.io_threads, parse_count(v, 1, 1024)))},
  {"--shutdown-grace", "DURATION", main_group,
   "How long running runs get to reach a checkpoint when the server stops",
   "10s", "BG_JOB_SHUTDOWN_GRACE_PERIOD_SECS",
   HEDDLE_SET(set_duration(s.server.shutdown_grace, v))},

  {"--workers", "NUMBER", run_group, "Worker processes", "cores", "",
   HEDDLE_SET(assign(s.server.workers, parse_count(v, 1, 1024)))},
  {"--jobs-per-worker", "NUMBER", run_group, "Runs at once in one worker", "10",
   "N_JOBS_PER_WORKER",
   HEDDLE_SET(assign(s.server.jobs_per_worker, parse_count(v, 1, 10'000)))},
  {"--stop-grace", "DURATION", run_group,
   "How long a cancelled run may take before its worker is killed", "5s", "",
   HEDDLE_SET(set_duration(s.server.stop_grace, v))},
  {"--run-timeout", "DURATION", run_group, "How long a run may execute", "1d",
   "BG_JOB_TIMEOUT_SECS", HEDDLE_SET(set_duration(s.server.run_timeout, v))},
  {"--strikes-max", "NUMBER", run_group,
   "How often a run may take its worker down before it ends as error", "3",
   "BG_JOB_MAX_RETRIES",
   HEDDLE_SET(assign(s.server.strikes_max, parse_count(v, 1, 1000)))},
  {"--runs-per-thread-max", "NUMBER", run_group,
   "Runs waiting on one thread; more are answered with 503", "100000", "",
   HEDDLE_SET(
     assign(s.server.runs_per_thread_max, parse_count(v, 1, 10'000'000)))},
  {"--resumable-ttl", "DURATION", run_group,
   "How long the events of a resumable stream are kept", "120s",
   "RESUMABLE_STREAM_TTL_SECONDS",
   HEDDLE_SET(set_duration(s.server.resumable_ttl, v))},
  {"--resumable-bytes-max", "SIZE", run_group,
   "How much of a resumable stream is kept", "64MiB", "",
   HEDDLE_SET(assign(s.server.resumable_bytes_max, parse_bytes(v)))},

  {"--cors-allow-origins", "LIST", http_group,
   "Origins whose pages may call, separated by commas", "*",
   "CORS_ALLOW_ORIGINS", HEDDLE_SET(set(s.cors_origins, v))},
  {"--body-bytes-max", "SIZE", http_group,
   "Larger bodies are answered with 413", "32MiB",
   "HTTP_MAX_REQUEST_BODY_BYTES",
   HEDDLE_SET(assign(s.body_bytes_max, parse_bytes(v)))},
  {"--header-bytes-max", "SIZE", http_group,
   "Larger headers are answered with 431", "16KiB", "",
   HEDDLE_SET(assign(s.header_bytes_max, parse_bytes(v)))},
  {"--connections-max", "NUMBER", http_group,
   "More connections are answered with 503", "10000", "",
   HEDDLE_SET(assign(s.connections_max, parse_count(v, 1, 1'000'000)))},
  {"--header-timeout", "DURATION", http_group,
   "How long a client may take for a request's header", "10s", "",
   HEDDLE_SET(set_duration(s.header_timeout, v))},
  {"--body-timeout", "DURATION", http_group,
   "How long a client may pause in a request's body", "30s", "",
   HEDDLE_SET(set_duration(s.body_timeout, v))},
  {"--idle-timeout", "DURATION", http_group,
   "How long a connection may wait for its next request", "75s", "",
   HEDDLE_SET(set_duration(s.idle_timeout, v))},
  {"--write-timeout", "DURATION", http_group,
   "How long a client may refuse to read", "30s", "",
   HEDDLE_SET(set_duration(s.write_timeout, v))},

  {"--webhook-allow-loopback", "", hook_group, "Allow webhooks to loopback",
   "false", "", HEDDLE_SET(assign(s.server.webhook_loopback, parse_bool(v)))},
  {"--webhook-allow-private", "", hook_group,
   "Allow webhooks to private networks", "false", "",
   HEDDLE_SET(assign(s.server.webhook_private, parse_bool(v)))},
  {"--webhook-require-https", "", hook_group, "Allow webhooks by https only",
   "false", "", HEDDLE_SET(assign(s.server.webhook_https, parse_bool(v)))},

  {"--log-format", "json|text", log_group, "One JSON object a line, or text",
   "text", "", HEDDLE_SET(set_format(s, v))},
  {"--log-level", "LEVEL", log_group, "debug, info, warning or error", "info",
   "LOG_LEVEL", HEDDLE_SET(set_level(s, v))},
};

#undef HEDDLE_SET

} // namespace

std::span<const option> option_table() {
  return table;
}

std::string variable_of(const option& what) {
  std::string result = "HEDDLE_";
  for (auto c : what.flag.substr(2))
    result += c == '-' ? '_' : static_cast<char>(c - 'a' + 'A');
  return result;
}

result<settings> make_settings(const given_options& from) {
  settings made;
  for (const auto& [what, how] : from)
    if (auto done = what->set(made, how.value); done.has_error())
      return error{errc::invalid_argument,
                   how.source + "=" + how.value + ": " + done.error().detail};
  return made;
}

} // namespace heddle::app
