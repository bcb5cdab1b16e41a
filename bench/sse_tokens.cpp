// How many tokens per second reach one client of a stream.
//
// Measured: `POST /threads/{}/runs/stream` of a Python graph that emits so many
// events without a pause, `custom` ones of a node and `messages` of a chat
// model that says words, from the request to the end of the stream; CPU of the
// server per event. Against the same run in the same worker process when all
// that it sends is counted and forgotten (`harness`), in turns. Not measured:
// many readers, slow ones.

#include "bench/lib/disk.hpp"
#include "bench/lib/follow.hpp"
#include "bench/lib/medians.hpp"
#include "bench/lib/report.hpp"
#include "bench/lib/whole_server.hpp"
#include "bench/lib/worker_harness.hpp"

using namespace heddle::bench;

namespace {

/// A run that emits tokens, and how many.
struct tokens {
  std::string body;
  std::string event;
  std::size_t count = 0;
};

tokens custom(std::size_t count) {
  return {R"({"assistant_id":"tokens","stream_mode":"custom","input":)"
          R"({"text":"word","count":)"
            + std::to_string(count) + "}}",
          "custom", count};
}

/// The model says a word and a blank in turns, and then once nothing: its end.
tokens messages(std::size_t words) {
  std::string text = "word";
  for (std::size_t i = 1; i < words; ++i)
    text += " word";
  return {R"({"assistant_id":"chat","stream_mode":"messages-tuple","input":)"
          R"({"messages":[{"role":"user","content":"go"}],"reply":")"
            + text + "\"}}",
          "messages", 2 * words - 1};
}

std::size_t count_of(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != text.npos;
       at = text.find(what, at + what.size()))
    ++found;
  return found;
}

void check(const tokens& what, std::size_t got) {
  if (got < what.count || got > what.count + 1)
    throw std::runtime_error{std::to_string(got) + " events of "
                             + std::to_string(what.count)};
}

/// Events per second of one stream.
measured to_client(const served& server, const tokens& what) {
  auto thread = new_thread(server);
  auto cpu = server.process->cpu();
  auto begun = std::chrono::steady_clock::now();
  follower events{server.port, "POST /threads/" + thread + "/runs/stream",
                  what.body};
  if (!events.until("\r\n0\r\n\r\n"))
    throw std::runtime_error{"the stream broke off"};
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  std::chrono::duration<double, std::micro> spent = server.process->cpu() - cpu;
  check(what, count_of(events.text(), "event: " + what.event + "\r\n"));
  measured result;
  result.us.assign(what.count, 0);
  result.seconds = took.count();
  result.cpu_us = spent.count() / static_cast<double>(what.count);
  return result;
}

measured to_harness(worker_harness& harness, const tokens& what) {
  auto result = harness.run({what.body, 1, 1, what.event});
  check(what, harness.events());
  result.us.assign(what.count, 0);
  return result;
}

} // namespace

int main(int argc, char** argv) {
  auto opts = read_options(argc, argv);
  if (!has_python(opts))
    return 0;
  worker_harness harness{opts, 1};
  scratch dir{opts.data};
  auto server = serve_whole(opts, dir.at("data"), {"--workers", "1"});
  auto many = custom(opts.amount(10'000, 50));
  auto words = messages(opts.amount(1500, 20));
  medians found{opts};
  for (const auto& [name, what] :
       {std::pair{"custom", many}, std::pair{"messages", words}}) {
    to_client(server, what); // Both warm.
    to_harness(harness, what);
    for (int round = 0; round < opts.rounds(); ++round) {
      found.measure(std::string{"harness_"} + name,
                    [&] { return to_harness(harness, what); });
      found.measure(name, [&] { return to_client(server, what); });
    }
  }
  report out{"sse_tokens"};
  found.write_to(out);
  found.put_ratio(out, "custom_to_harness", "custom", "harness_custom");
  found.put_ratio(out, "messages_to_harness", "messages", "harness_messages");
  out.print();
}
