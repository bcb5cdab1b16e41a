// The three ways to an answer.

#include "heddle/asio.hpp"
#include "heddle/future.hpp"
#include "tests/catch.hpp"
#include "tests/embed/opened.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_future.hpp>

#include <future>
#include <thread>

using namespace heddle;
using namespace heddle::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

using text_callback = std::function<void(result<std::string>)>;

} // namespace

TEST_CASE("a future gets what the callback is given", "[embed][future]") {
  text_callback done;
  future<std::string> answer{done};
  CHECK(answer.valid());
  CHECK_FALSE(answer.ready());
  std::thread other{[&done] { done(std::string{"news"}); }};
  CHECK(answer.get(wait_max).value() == "news");
  other.join();
  CHECK_FALSE(answer.valid());
  CHECK(answer.get(0ms).error().code == errc::conflict);
}

TEST_CASE("a future can be waited for as long as there are numbers",
          "[embed][future]") {
  text_callback done;
  future<std::string> answer{done};
  std::jthread other{[&done] {
    std::this_thread::yield();
    done(std::string{"news"});
  }};
  CHECK(answer.get(std::chrono::nanoseconds::max()).value() == "news");
}

TEST_CASE("a future of who gave a callback expects nothing",
          "[embed][future]") {
  std::string got;
  text_callback done = [&got](result<std::string> what) { got = *what; };
  future<std::string> answer{done};
  done(std::string{"news"});
  CHECK(got == "news");
  CHECK_FALSE(answer.valid());
}

TEST_CASE("an answer that is late can still be had", "[embed][future]") {
  text_callback done;
  future<std::string> answer{done};
  CHECK(answer.get(1ms).error().code == errc::unavailable);
  done(std::string{"late"});
  CHECK(answer.get(0ms).value() == "late");
}

TEST_CASE("a callback that is dropped is an answer", "[embed][future]") {
  text_callback done;
  future<std::string> answer{done};
  done = {};
  CHECK(answer.get(wait_max).error().code == errc::unavailable);
  CHECK_FALSE(answer.valid());
}

TEST_CASE("one goes on with an answer that is there or comes",
          "[embed][future]") {
  std::string got;
  auto take = [&got](result<std::string> what) { got = what.value(); };
  text_callback done;
  future<std::string> comes{done};
  comes.then(take);
  CHECK(got.empty());
  done(std::string{"came"});
  CHECK(got == "came");
  text_callback again;
  future<std::string> there{again};
  again(std::string{"there"});
  there.then(take);
  CHECK(got == "there");
}

TEST_CASE("a thread of the server does not wait for it", "[embed][future]") {
  auto srv = opened({});
  std::promise<errc> told;
  srv->count_threads({}, [&](const result<std::uint64_t>&) {
    told.set_value(srv->create_thread({}).get(wait_max).error().code);
  });
  CHECK(told.get_future().get() == errc::conflict);
  CHECK_FALSE(on_server_thread());
}

TEST_CASE("an operation is awaited", "[embed][asio]") {
  auto srv = opened({});
  asio::io_context io;
  auto work = [&]() -> asio::awaitable<std::uint64_t> {
    auto thread = co_await async(srv->create_thread({}));
    auto same = co_await async(srv->get_thread(thread.value().id));
    CHECK(same.value().id == thread->id);
    CHECK(io.get_executor().running_in_this_thread());
    auto count = co_await async(srv->count_threads({}));
    co_return count.value();
  };
  auto count = asio::co_spawn(io, work, asio::use_future);
  io.run();
  CHECK(count.get() == 1);
}

TEST_CASE("a handler runs where it belongs, and never at once",
          "[embed][asio]") {
  auto srv = opened({});
  asio::io_context io;
  auto strand = asio::make_strand(io);
  auto answer = srv->count_threads({});
  while (!answer.ready())
    std::this_thread::yield();
  bool called = false;
  async(std::move(answer),
        asio::bind_executor(strand, [&](const result<std::uint64_t>& n) {
          CHECK(strand.running_in_this_thread());
          CHECK(n.value() == 0);
          called = true;
        }));
  CHECK_FALSE(called);
  io.run(); // The wait is work: it does not return before.
  CHECK(called);
}

TEST_CASE("a wait is cancelled by its slot", "[embed][asio]") {
  asio::io_context io;
  asio::cancellation_signal signal;
  text_callback done;
  std::vector<errc> answers;
  async(future<std::string>{done},
        asio::bind_cancellation_slot(
          signal.slot(),
          asio::bind_executor(io, [&](const result<std::string>& got) {
            answers.push_back(got.error().code);
          })));
  signal.emit(asio::cancellation_type::terminal);
  io.run();
  CHECK(answers == std::vector{errc::unavailable});
  done(std::string{"late"}); // Nobody hears it.
  CHECK(answers.size() == 1);
}
