#include "bench/load_generator/client.hpp"

#include "bench/load_generator/json.hpp"

#include <algorithm>

namespace heddle::load {

namespace {

constexpr std::chrono::milliseconds ask_again{2};

bool is_final(std::string_view status) {
  return status != "pending" && status != "running";
}

/// No such route. A 404 says that only of what is not read: what was made and
/// cannot be found is lost.
bool is_no_route(const answer& got, std::string_view what) {
  if (got.status == 405 || got.status == 501)
    return true;
  return got.status == 404 && !what.starts_with("GET")
         && (!got.body.starts_with('{')
             || field(got.body, "detail") == "Not Found");
}

} // namespace

client::client(server& to, const settings& asked, const graphs& found,
               tally& into, std::uint64_t seed)
  : main(to), aside(to), how(asked), has(found), out(into), random(seed) {
  // nop
}

std::string client::uuid() {
  constexpr std::string_view digits = "0123456789abcdef";
  auto now = std::chrono::system_clock::now().time_since_epoch();
  auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  const std::uint64_t halves[]
    = {static_cast<std::uint64_t>(ms) << 16U | 0x7000U | (random() & 0xfffU),
       (random() >> 2U) | (std::uint64_t{1} << 63U)};
  std::string result;
  for (std::size_t i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20)
      result += '-';
    result += digits[halves[i / 16] >> (60 - i % 16 * 4) & 15U];
  }
  return result;
}

void client::begin(clock::time_point at, bool due) {
  begun_ = at;
  due_ = due;
  lapped_ = false;
}

void client::begin_now() {
  if (!due_)
    begun_ = clock::now();
}

void client::lap() {
  if (!lapped_)
    out.main.add(clock::now() - begun_);
  lapped_ = true;
}

void client::note(const char* part, clock::time_point from) {
  out.also[part].add(clock::now() - from);
}

void expect(const client& c, const answer& got,
            std::initializer_list<unsigned> statuses, std::string_view what) {
  ++c.out.requests;
  if (std::ranges::count(statuses, got.status) > 0)
    return;
  auto why = std::string{what} + ": " + got.text();
  if (is_no_route(got, what))
    throw unsupported{why};
  throw wrong{why};
}

std::string thread_path(std::string_view thread) {
  return std::string{"/threads/"}.append(thread);
}

std::string run_path(std::string_view thread, std::string_view run) {
  return thread_path(thread).append("/runs/").append(run);
}

task<> create_thread(client& c, const std::string& thread) {
  co_await c.main.ask("POST", "/threads", R"({"thread_id":")" + thread + "\"}");
  expect(c, c.main.got(), {200}, "POST /threads");
  if (!has_field(c.main.got().body, "thread_id", thread))
    throw wrong{"POST /threads: not the thread that was asked for"};
}

task<std::string> create_run(client& c, const std::string& thread,
                             const std::string& body) {
  co_await c.main.ask("POST", thread_path(thread) + "/runs", body);
  expect(c, c.main.got(), {200}, "POST runs");
  const auto& text = c.main.got().body;
  std::string run{field(text, "run_id")};
  if (run.empty() || !has_field(text, "run_id", run)
      || !has_field(text, "thread_id", thread))
    throw wrong{"POST runs: not a run of the thread"};
  co_return run;
}

task<std::string> status_of(client& c, connection& by,
                            const std::string& thread, const std::string& run) {
  co_await by.ask("GET", run_path(thread, run));
  const auto& got = by.got();
  ++c.out.requests;
  if (got.status == 404)
    co_return std::string{};
  std::string status{field(got.body, "status")};
  if (got.status != 200 || !has_field(got.body, "run_id", run)
      || !has_field(got.body, "status", status))
    throw wrong{"GET run: not that run: " + std::to_string(got.status)};
  co_return status;
}

task<> await_status(client& c, connection& by, const std::string& thread,
                    const std::string& run, std::string_view wanted) {
  auto until = clock::now() + c.how.stop_limit;
  for (;;) {
    auto status = co_await status_of(c, by, thread, run);
    if (status == wanted)
      co_return;
    auto now = status.empty() ? "gone" : status;
    auto words = wanted.empty() ? "gone" : std::string{wanted};
    if (is_final(status) && !(wanted.empty() && status == "interrupted"))
      throw wrong{"a run that must become " + words + " is " + now};
    if (clock::now() > until)
      throw wrong{"a run that must become " + words + " is still " + now};
    co_await rest(c, ask_again);
  }
}

task<> rest(client&, clock::duration time) {
  auto io = co_await asio::this_coro::executor;
  timer_type timer{io, time};
  co_await timer.async_wait(awaited);
}

} // namespace heddle::load
