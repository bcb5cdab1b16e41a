#include "app/serve.hpp"

#include "actors/make_server.hpp"
#include "app/greeting.hpp"
#include "app/logging.hpp"
#include "app/port.hpp"
#include "app/python.hpp"
#include "app/signals.hpp"
#include "embed/installed.hpp"
#include "http/front.hpp"
#include "http/webhook_client.hpp"
#include "runtime/runtime.hpp"
#include "store/sqlite_store.hpp"
#include "worker/process_launcher.hpp"

#include <future>
#include <utility>

namespace heddle::app {

namespace {

worker::process_options worker_options(const serve_plan& plan,
                                       const log_sink& log) {
  worker::process_options result;
  result.cwd = plan.what.folder().string();
  result.env = plan.what.env;
  if (!plan.chosen.worker_env.empty())
    result.worker_env = plan.chosen.worker_env;
  result.log = log;
  return result;
}

/// Who executes what: Python the project's graphs, and a worker process of this
/// program those of each library.
std::vector<server_kind> kinds_of(const serve_plan& plan, runtime& threads,
                                  std::vector<worker::launcher_handle> forked,
                                  const log_sink& log) {
  std::vector<server_kind> result;
  auto next = forked.begin();
  auto add = [&](std::string name, std::vector<std::string> command,
                 const std::vector<std::string>& graphs) {
    auto how = worker_options(plan, log);
    how.command = std::move(command);
    result.push_back(
      {std::move(name),
       std::make_unique<worker::process_launcher>(threads, std::move(*next++),
                                                  std::move(how)),
       graphs, plan.chosen.server.workers, plan.chosen.server.jobs_per_worker});
  };
  if (!plan.what.graphs.empty())
    add("python",
        {plan.python, embed::installed_file("workers/python/heddle_worker"),
         "--config", plan.what.file.string()},
        plan.what.graphs);
  for (const auto& library : plan.libraries)
    add(library.file, graph_worker_command(library.file), library.graphs);
  return result;
}

sqlite_options store_options(const log_sink& log) {
  sqlite_options result;
  result.log = [log](std::string_view text) {
    log(log_level::error, "store", {{"why", text}});
  };
  return result;
}

void log_access(const log_sink& log, const access_record& what) {
  using std::chrono::microseconds;
  auto took = std::chrono::duration_cast<microseconds>(what.took);
  log(log_level::debug, "request",
      {{"method", what.method},
       {"path", what.path},
       {"status", what.status},
       {"took_us", took.count()},
       {"peer", what.peer},
       {"request_id", what.request_id}});
}

http_options front_options(const serve_plan& plan, const log_sink& log) {
  const auto& chosen = plan.chosen;
  http_options result;
  result.host = chosen.host;
  result.port = chosen.port;
  result.api_keys = plan.api_keys;
  result.cors_origins = chosen.cors_origins;
  result.header_bytes_max = chosen.header_bytes_max;
  result.body_bytes_max = chosen.body_bytes_max;
  result.connections_max = chosen.connections_max;
  result.header_timeout = chosen.header_timeout;
  result.body_idle_timeout = chosen.body_timeout;
  result.keep_alive_timeout = chosen.idle_timeout;
  result.write_stall_timeout = chosen.write_timeout;
  result.version = HEDDLE_VERSION;
  result.graph_library_version = graph_library_version(plan.python);
  result.openapi_file = embed::installed_file("http/openapi.json");
  if (chosen.level == log_level::debug)
    result.on_access
      = [log](const access_record& what) { log_access(log, what); };
  result.on_unknown_field = [log](std::string_view name) {
    log(log_level::info, "unknown field of a run ignored", {{"field", name}});
  };
  result.on_failure = [log](std::string_view why) {
    log(log_level::error, "request failed", {{"why", why}});
  };
  return result;
}

std::string url_of(const std::string& host, std::uint16_t port) {
  auto name = host.find(':') == host.npos ? host : "[" + host + "]";
  return "http://" + name + ":" + std::to_string(port);
}

/// Stops the server in its order, or at once when asked a second time.
void stop_in_order(server& srv, stop_signals& signals, const log_sink& log) {
  log(log_level::info, "stopping", {});
  srv.stop([&signals] { signals.wake(); });
  while (signals.wait() != 0) {
    log(log_level::info, "stopping at once", {});
    srv.stop([] {});
  }
}

void close_front(std::unique_ptr<http_front> door) {
  std::promise<void> closed;
  door->close_all([&closed] { closed.set_value(); });
  closed.get_future().wait();
}

} // namespace

std::size_t launchers_of(const serve_plan& plan) {
  return (plan.what.graphs.empty() ? 0 : 1) + plan.libraries.size();
}

result<void> serve(const serve_plan& plan,
                   std::vector<worker::launcher_handle> forked) {
  if (auto free = check_port(plan.chosen.host, plan.chosen.port);
      free.has_error())
    return free.error();
  stop_signals signals; // Before all other OS threads.
  program_log output{plan.chosen.format, plan.chosen.level};
  auto log = output.sink();
  auto rows = open_sqlite(plan.data, store_options(log));
  if (rows.has_error())
    return rows.error();

  runtime threads{plan.chosen.io_threads};
  auto srv = make_server(
    {threads, std::move(*rows), kinds_of(plan, threads, std::move(forked), log),
     std::make_unique<http::webhook_client>(plan.chosen.server),
     plan.chosen.server, log});
  if (srv.has_error())
    return srv.error();
  auto door = listen_on(threads, **srv, front_options(plan, log));
  if (door.has_error())
    return door.error();

  auto hello = std::make_shared<greeting>(
    **srv, threads, log, url_of(plan.chosen.host, (*door)->port()),
    !plan.api_keys.empty());
  hello->start();
  signals.wait();

  (*door)->stop_accepting();
  stop_in_order(**srv, signals, log);
  hello->stop();
  close_front(std::move(*door));
  srv->reset();
  threads.stop();
  log(log_level::info, "stopped", {});
  return {};
}

} // namespace heddle::app
