#include "heddle/open.hpp"

#include "actors/make_server.hpp"
#include "embed/installed.hpp"
#include "embed/worker_host.hpp"
#include "http/webhook_client.hpp"
#include "runtime/runtime.hpp"
#include "store/memory_store.hpp"
#include "store/sqlite_store.hpp"
#include "worker/native/launcher.hpp"
#include "worker/process_launcher.hpp"

#include <algorithm>
#include <cstdlib>
#include <thread>
#include <utility>

namespace heddle::inline v0 {

namespace {

/// Of graphs that nobody executes: never asked.
class no_workers final : public worker::launcher {
public:
  std::shared_ptr<worker::channel> launch(worker::report_sink) override {
    std::abort();
  }
};

result<std::unique_ptr<store>> open_rows(const open_options& what) {
  sqlite_options how;
  how.log = [log = what.log](std::string_view text) {
    log(log_level::error, "store", {{"why", text}});
  };
  if (what.data.empty())
    return open_memory(std::move(how));
  return open_sqlite(what.data, std::move(how));
}

server_kind native_kind(open_options& what, runtime& threads) {
  server_kind kind{"native", nullptr, {}, 1, what.graph_jobs};
  for (const auto& [id, graph] : what.graphs)
    kind.graphs.push_back(id);
  worker::native::native_options how;
  how.graphs = std::move(what.graphs);
  how.threads.threads = std::max<std::size_t>(what.graph_threads, 1);
  how.threads.stuck_max = how.threads.threads;
  how.stop_grace = what.server.stop_grace;
  how.log = what.log;
  kind.launcher = std::make_unique<worker::native::native_launcher>(
    threads, std::move(how));
  return kind;
}

result<server_kind> python_kind(open_options& what, runtime& threads) {
  namespace fs = std::filesystem;
  auto& python = *what.python;
  auto host = python.host.take();
  if (!host)
    return error{errc::invalid_argument, "The worker host is in use."};
  std::error_code ignored;
  auto config = fs::absolute(python.config, ignored);
  if (!fs::is_regular_file(config, ignored))
    return error{errc::invalid_argument,
                 "There is no " + python.config.string() + "."};
  auto program = python.program.empty()
                   ? embed::installed_file("workers/python/heddle_worker")
                   : fs::absolute(python.program, ignored);
  if (!fs::exists(program, ignored))
    return error{errc::invalid_argument, "The worker program is not there."};
  worker::process_options how;
  how.command = {python.python, program, "--config", config};
  how.cwd = config.parent_path();
  how.env = std::move(python.env);
  how.worker_env = std::move(python.worker_env);
  how.log = what.log;
  auto launcher = std::make_unique<worker::process_launcher>(
    threads, std::move(host->handle), std::move(how));
  return server_kind{"python", std::move(launcher), python.graphs,
                     what.server.workers, what.server.jobs_per_worker};
}

/// Who executes what.
result<std::vector<server_kind>> kinds_of(open_options& what,
                                          runtime& threads) {
  std::vector<server_kind> kinds;
  if (!what.graphs.empty())
    kinds.push_back(native_kind(what, threads));
  if (what.python) {
    auto python = python_kind(what, threads);
    if (!python)
      return python.error();
    kinds.push_back(std::move(*python));
  }
  if (!what.unserved.empty())
    kinds.push_back(
      {"none", std::make_unique<no_workers>(), what.unserved, 0, 0});
  return kinds;
}

std::size_t threads_for(std::size_t asked) {
  return std::max<std::size_t>(
    asked == 0 ? std::thread::hardware_concurrency() : asked, 1);
}

} // namespace

result<std::unique_ptr<server>> open(open_options what) {
  if (on_server_thread())
    return error{errc::conflict,
                 "A thread of a server must not wait for another to start."};
  auto rows = open_rows(what);
  if (!rows)
    return rows.error();
  auto threads = std::make_shared<runtime>(threads_for(what.io_threads));
  auto kinds = kinds_of(what, *threads);
  if (!kinds)
    return kinds.error();
  if (!what.webhooks)
    what.webhooks = std::make_unique<http::webhook_client>(what.server);
  return make_server({*threads, std::move(*rows), std::move(*kinds),
                      std::move(what.webhooks), what.server,
                      std::move(what.log)},
                     {threads, what.host});
}

} // namespace heddle::inline v0
