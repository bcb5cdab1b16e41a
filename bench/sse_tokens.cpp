// How many tokens per second reach one client of a stream.
//
// Measured: `POST /threads/{}/runs/stream` of a Python graph whose node writes
// so many custom events without a pause, from the first byte of the answer to
// the last event; CPU of the server per event.
// Not measured: what the worker emits to a harness that only counts;
// `messages`; many readers.

#include "bench/lib/disk.hpp"
#include "bench/lib/follow.hpp"
#include "bench/lib/medians.hpp"
#include "bench/lib/report.hpp"
#include "bench/lib/whole_server.hpp"

#include <algorithm>

using namespace heddle::bench;

namespace {

std::size_t count_of(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != text.npos;
       at = text.find(what, at + what.size()))
    ++found;
  return found;
}

/// Events per second of one stream.
measured tokens(const served& server, std::size_t count) {
  auto thread = new_thread(server);
  auto cpu = server.process->cpu();
  follower events{server.port, "POST /threads/" + thread + "/runs/stream",
                  R"({"assistant_id":"tokens","stream_mode":"custom","input":)"
                  R"({"text":"word","count":)"
                    + std::to_string(count) + "}}"};
  auto begun = std::chrono::steady_clock::now();
  if (!events.until("\r\n0\r\n\r\n"))
    throw std::runtime_error{"the stream broke off"};
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  auto got = count_of(events.text(), "event: custom");
  if (got != count)
    throw std::runtime_error{std::to_string(got) + " events"};
  std::chrono::duration<double, std::micro> spent = server.process->cpu() - cpu;
  measured result;
  result.us.assign(count, 0);
  result.seconds = took.count();
  result.cpu_us = spent.count() / static_cast<double>(count);
  return result;
}

} // namespace

int main(int argc, char** argv) {
  auto opts = read_options(argc, argv);
  if (!has_python(opts))
    return 0;
  scratch dir{opts.data};
  auto server = serve_whole(opts, dir.at("data"));
  tokens(server, opts.amount(500, 5));
  medians found{opts};
  for (int round = 0; round < opts.rounds(); ++round)
    found.add("custom", tokens(server, opts.amount(10'000, 50)));
  report out{"sse_tokens"};
  found.write_to(out);
  out.print();
}
