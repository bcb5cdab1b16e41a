// A server in a program: threads, runs, streams and cancel by callback, by
// waiting and in Asio's coroutines; and, beside it, the same over HTTP.

#include <heddle/asio.hpp>
#include <heddle/events.hpp>
#include <heddle/http.hpp>
#include <heddle/open.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <cstdio>
#include <future>
#include <stdexcept>
#include <string>

using namespace std::chrono_literals;
namespace asio = boost::asio;
using heddle::json_text;

namespace {

void expect(bool holds, const char* what) {
  std::printf("%s %s\n", holds ? "ok  " : "BAD ", what);
  if (!holds)
    throw std::runtime_error{what};
}

/// Says that it works, and then waits for a cancel, which ends it there.
heddle::task<json_text> work(json_text, heddle::graph::node_context& ctx) {
  ctx.write(json_text{R"({"step":"begun"})"});
  co_await heddle::delay(1h);
  co_return json_text{R"({"done":true})"};
}

heddle::graph::compiled agent() {
  heddle::graph::builder all;
  all.channel("topic").channel("done").node("work", work);
  all.entry("work").finish("work");
  return all.compile().value();
}

heddle::run_create order() {
  heddle::run_create what;
  what.assistant = "agent";
  what.input = json_text{R"({"topic":"looms"})"};
  what.stream_modes = {"custom"};
  return what;
}

/// By callback: on a thread of the server.
void count_threads(heddle::server& srv) {
  std::promise<std::uint64_t> counted;
  srv.count_threads(
    {}, [&](heddle::result<std::uint64_t> n) { counted.set_value(n.value()); });
  expect(counted.get_future().get() == 1, "a callback counts one thread");
}

/// In a coroutine: on the thread of its io_context.
asio::awaitable<void> cancel_by_status(heddle::server& srv) {
  heddle::cancel_request all;
  all.what = heddle::cancel_by_status{true, true};
  all.receipt = true;
  auto receipt = co_await heddle::async(srv.cancel(std::move(all)));
  expect(receipt.value().matched == 1, "a coroutine cancels by status");
}

/// By pulling: ends when the run does.
void follow(heddle::events& news) {
  for (const auto& event : news)
    std::printf("     event %s\n", event.name.c_str());
  expect(news.ended().value().why == heddle::end_reason::over,
         "a stream ends with its run");
}

void tour(heddle::server& srv) {
  auto thread = srv.create_thread({}).get(5s).value();
  count_threads(srv);
  heddle::events news{srv, thread.id, order()};
  auto run = news.run().value();
  while (auto event = news.next())
    if (event->name == "custom")
      break;
  asio::io_context io;
  auto cancelled = asio::co_spawn(io, cancel_by_status(srv), asio::use_future);
  io.run();
  cancelled.get();
  follow(news);
  auto now = srv.get_run(thread.id, run.id).get(5s).value();
  expect(now.status == heddle::run_status::interrupted, "the run is over");
  auto again = srv.cancel({heddle::cancel_by_ids{thread.id, {run.id}}}).get(5s);
  expect(again.error().code == heddle::errc::not_found,
         "a run that is over is not cancelled");
}

} // namespace

int main() {
  heddle::open_options what;
  what.graphs.emplace("agent", agent());
  auto srv = heddle::open(std::move(what)).value();
  heddle::http_options web;
  web.port = 0;
  auto door = heddle::http_front::listen(*srv, std::move(web)).value();
  std::printf("     http://127.0.0.1:%d\n", int{door->port()});
  tour(*srv);
}
