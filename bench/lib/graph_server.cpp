#include "bench/lib/graph_server.hpp"

#include "actors/make_server.hpp"
#include "http/webhook_client.hpp"
#include "store/sqlite_store.hpp"
#include "worker/native/launcher.hpp"

#include <stdexcept>
#include <thread>
#include <vector>

namespace heddle::bench {

namespace {

server_kind native_kind(runtime& threads,
                        std::map<std::string, graph::compiled> graphs,
                        std::size_t jobs) {
  server_kind result;
  result.name = "native";
  result.workers = 1;
  result.jobs_per_worker = jobs;
  for (const auto& [id, graph] : graphs)
    result.graphs.push_back(id);
  worker::native::native_options how;
  how.graphs = std::move(graphs);
  result.launcher = std::make_unique<worker::native::native_launcher>(
    threads, std::move(how));
  return result;
}

} // namespace

graph_server::graph_server(const std::string& data,
                           std::map<std::string, graph::compiled> graphs,
                           std::size_t jobs)
  : threads_(std::thread::hardware_concurrency()) {
  auto rows = open_sqlite(data);
  if (rows.has_error())
    throw std::runtime_error{rows.error().detail};
  heddle::options opts;
  std::vector<server_kind> kinds;
  kinds.push_back(native_kind(threads_, std::move(graphs), jobs));
  auto made = make_server({threads_, std::move(*rows), std::move(kinds),
                           std::make_unique<http::webhook_client>(opts), opts,
                           no_log()});
  if (made.has_error())
    throw std::runtime_error{made.error().detail};
  api_ = std::move(*made);
  http_options how;
  how.port = 0;
  auto door = listen_on(threads_, *api_, how);
  if (door.has_error())
    throw std::runtime_error{door.error().detail};
  door_ = std::move(*door);
}

graph_server::~graph_server() {
  door_.reset();
  api_.reset();
  threads_.stop();
}

thread_id graph_server::make_thread() {
  return await<thread_record>(
           [&](auto done) { api_->create_thread({}, std::move(done)); })
    .id;
}

run_create run_of(const std::string& graph, const std::string& rest) {
  auto body = R"({"assistant_id":")" + graph + "\"" + rest + "}";
  auto asked = parse_run_create(std::make_shared<const std::string>(body),
                                run_kind::stateful);
  if (asked.has_error())
    throw std::runtime_error{asked.error().detail};
  return std::move(*asked);
}

} // namespace heddle::bench
