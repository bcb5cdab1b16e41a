// Servers begin and end in a process that lives on.

#include "heddle/http.hpp"
#include "heddle/open.hpp"
#include "tests/catch.hpp"
#include "tests/embed/callbacks.hpp"
#include "tests/embed/counting.hpp"
#include "tests/embed/opened.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace heddle;
using namespace heddle::test;
using namespace std::chrono_literals;

namespace {

/// Does something with everything that a server starts.
void use(server& srv) {
  auto thread = srv.create_thread({}).get(wait_max).value();
  srv.create_run(thread.id, run_of("waits")).get(wait_max).value();
}

void open_and_close(const std::filesystem::path& data) {
  auto srv = opened(data);
  use(*srv);
}

} // namespace

TEST_CASE("a thousand servers in memory begin and end without a trace",
          "[embed]") {
  leaves_nothing(20, 1000, [] { open_and_close({}); });
}

TEST_CASE("servers on one directory begin and end without a trace", "[embed]") {
  scratch dir;
  leaves_nothing(3, 20, [&] { open_and_close(dir.path()); });
  // What they made is there.
  auto srv = opened(dir.path());
  CHECK(srv->count_threads({}).get(wait_max).value() == 23);
}

TEST_CASE("servers with HTTP begin and end without a trace", "[embed]") {
  leaves_nothing(5, 50, [] {
    auto srv = opened({});
    http_options how;
    how.port = 0;
    auto door = http_front::listen(*srv, how).value();
    if (door->port() == 0)
      throw std::logic_error{"it listens on no port"};
    use(*srv);
  });
}

TEST_CASE("servers of one process know nothing of each other", "[embed]") {
  scratch dir;
  auto one = opened(dir.path());
  auto two = opened({});
  auto three = opened({});
  auto thread = one->create_thread({}).get(wait_max);
  REQUIRE(ok(thread));
  CHECK(two->get_thread(thread->id).get(wait_max).error().code
        == errc::not_found);
  CHECK(three->count_threads({}).get(wait_max).value() == 0);
  two.reset();
  CHECK(ok(one->get_thread(thread->id).get(wait_max)));
  CHECK(ok(three->create_thread({}).get(wait_max)));
}

TEST_CASE("a directory has one server at a time", "[embed]") {
  scratch dir;
  auto first = opened(dir.path());
  CHECK(open(options_for(dir.path())).error().code == errc::conflict);
  first.reset();
  CHECK(ok(open(options_for(dir.path()))));
}

TEST_CASE("every callback is called before the server is gone, and none after",
          "[embed]") {
  for (int round = 0; round < 20; ++round)
    check_callbacks(opened({}));
}

TEST_CASE("what is asked of a server that stops is answered", "[embed]") {
  auto srv = opened({});
  auto thread = srv->create_thread({}).get(wait_max);
  REQUIRE(ok(thread));
  REQUIRE(ok(srv->stop().get(wait_max)));
  CHECK_FALSE(srv->accepting());
  CHECK(srv->create_run(thread->id, run_of("waits")).get(wait_max).error().code
        == errc::unavailable);
}

TEST_CASE("what a server is made of is checked", "[embed]") {
  open_options what;
  what.python
    = python_workers{*worker_host::start(), "/nowhere.json", {"agent"}};
  CHECK(open(std::move(what)).error().code == errc::invalid_argument);
}
