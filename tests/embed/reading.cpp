// Events of a run, pulled.

#include "heddle/events.hpp"
#include "tests/catch.hpp"
#include "tests/embed/opened.hpp"

#include <future>
#include <thread>

using namespace heddle;
using namespace heddle::test;
using namespace std::chrono_literals;

TEST_CASE("pulling ends when the run does", "[embed][events]") {
  auto srv = opened({});
  events news{*srv, std::nullopt, run_of("waits")};
  auto run = news.run();
  REQUIRE(ok(run));
  CHECK(news.ended().error().code == errc::conflict); // Not yet.
  std::thread other{[&] {
    srv->cancel({cancel_by_ids{run->thread, {run->id}}}).get(wait_max).value();
  }};
  for (const auto& event : news)
    FAIL_CHECK("an event of a run that did not start: " << event.name);
  other.join();
  CHECK(news.ended().value().why == end_reason::over);
}

TEST_CASE("pulling gives up at its deadline", "[embed][events]") {
  auto srv = opened({});
  read_options how;
  how.deadline = std::chrono::steady_clock::now() + 10ms;
  events news{*srv, std::nullopt, run_of("waits"), how};
  CHECK_FALSE(news.next());
  CHECK(news.ended().error().code == errc::unavailable);
}

TEST_CASE("pulling gives up when it is asked to stop", "[embed][events]") {
  auto srv = opened({});
  std::stop_source stop;
  read_options how;
  how.stop = stop.get_token();
  events news{*srv, std::nullopt, run_of("waits"), how};
  std::jthread other{[&] { stop.request_stop(); }};
  CHECK(news.begin() == news.end());
  CHECK(news.ended().error().code == errc::unavailable);
}

TEST_CASE("pulling tells why there is no run", "[embed][events]") {
  auto srv = opened({});
  events news{*srv, std::nullopt, run_of("unheard of")};
  CHECK_FALSE(news.next());
  CHECK(news.run().error().code == errc::invalid_argument);
  CHECK(news.ended().error().code == errc::invalid_argument);
  events lost{*srv, thread_id{uuid_bytes{1}}, run_id{uuid_bytes{2}}};
  CHECK_FALSE(lost.next());
  CHECK(lost.ended().value().why == end_reason::not_found);
}

TEST_CASE("a server that goes ends what is pulled", "[embed][events]") {
  auto srv = opened({});
  events news{*srv, std::nullopt, run_of("waits")};
  REQUIRE(ok(news.run()));
  srv.reset();
  CHECK_FALSE(news.next());
  CHECK(news.ended().value().why == end_reason::unavailable);
}

TEST_CASE("leaving cancels a run that asked for it", "[embed][events]") {
  auto srv = opened({});
  result<run_record> run{run_record{}};
  {
    read_options how;
    how.follow.cancel_on_disconnect = true;
    events news{*srv, std::nullopt, run_of("waits"), how};
    run = news.run();
    REQUIRE(ok(run));
  }
  events after{*srv, run->thread, run->id};
  CHECK_FALSE(after.next()); // It is over, or gone with its thread.
  CHECK(ok(after.ended()));
}

TEST_CASE("a thread of the server does not pull", "[embed][events]") {
  auto srv = opened({});
  auto news = std::make_shared<events>(*srv, std::nullopt, run_of("waits"));
  REQUIRE(ok(news->run()));
  std::promise<errc> told;
  srv->count_threads({}, [&](const result<std::uint64_t>&) {
    news->next();
    told.set_value(news->ended().error().code);
  });
  CHECK(told.get_future().get() == errc::conflict);
}
