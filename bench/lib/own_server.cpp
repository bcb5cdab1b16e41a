#include "bench/lib/own_server.hpp"

#include "actors/make_server.hpp"
#include "http/context.hpp"
#include "http/listener.hpp"
#include "http/responder.hpp"
#include "http/routes.hpp"
#include "http/webhook_client.hpp"
#include "runtime/runtime.hpp"
#include "store/sqlite_store.hpp"

#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace heddle::bench {

namespace {

/// Never asked: a kind with no worker processes launches none.
class no_workers final : public worker::launcher {
public:
  std::shared_ptr<worker::channel> launch(worker::report_sink) override {
    std::abort();
  }
};

std::vector<server_kind> pending_only() {
  std::vector<server_kind> result;
  result.push_back({"none", std::make_unique<no_workers>(), {"noop"}, 0, 0});
  return result;
}

void bare(const http::request&, http::context&, http::responder respond) {
  respond(http::empty_reply(204));
}

std::vector<http::route> table_with_bare() {
  auto api = http::routes();
  std::vector<http::route> result{api.begin(), api.end()};
  result.push_back({http::verb::post, "/bare", bare});
  return result;
}

[[noreturn]] void give_up(const error& why) {
  std::fprintf(stderr, "the server of the benchmark: %s\n", why.detail.c_str());
  std::exit(1);
}

} // namespace

void serve_for_bench(std::string_view data) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  auto rows = open_sqlite(data);
  if (rows.has_error())
    give_up(rows.error());
  heddle::options opts;
  opts.workers = 0;
  runtime threads{std::thread::hardware_concurrency()};
  auto srv = make_server({threads, std::move(*rows), pending_only(),
                          std::make_unique<http::webhook_client>(opts), opts,
                          no_log()});
  if (srv.has_error())
    give_up(srv.error());
  http_options how;
  how.port = 0;
  const auto table = table_with_bare();
  auto ctx = std::make_shared<http::context>(
    threads, **srv, how, *http::key_ring::make({}), std::string{}, table);
  auto door = http::listener::bind(ctx);
  if (door.has_error())
    give_up(door.error());
  (*door)->start();
  std::printf("%d\n", static_cast<int>((*door)->port()));
  std::fflush(stdout);
  for (;;)
    pause();
}

} // namespace heddle::bench
