#include "bench/lib/whole_server.hpp"

#include "bench/lib/follow.hpp"
#include "bench/lib/load.hpp"
#include "bench/lib/medians.hpp"

#include <cstdio>
#include <stdexcept>

namespace heddle::bench {

served serve_listening(const options& opts, const std::string& data,
                       const std::vector<std::string>& more) {
  std::vector<std::string> command{
    opts.heddle, "serve", "--config", opts.graphs, "--port",      "0",
    "--data",    data,    "--python", opts.python, "--log-level", "error"};
  command.insert(command.end(), more.begin(), more.end());
  served result;
  result.process = std::make_unique<child>(command);
  auto line = result.process->line();
  auto colon = line.rfind(':');
  if (colon == line.npos)
    throw std::runtime_error{"the program said " + line};
  result.port = static_cast<std::uint16_t>(std::stoi(line.substr(colon + 1)));
  return result;
}

served serve_whole(const options& opts, const std::string& data,
                   const std::vector<std::string>& more) {
  auto result = serve_listening(opts, data, more);
  while (!result.process->line().starts_with("Try:")) {
    // A line for each graph.
  }
  return result;
}

bool has_python(const options& opts) {
  if (opts.python.empty())
    std::fprintf(stderr, "skipped: no --python with the graph library\n");
  return !opts.python.empty();
}

std::string json_field(const std::string& text, const std::string& name) {
  auto key = "\"" + name + "\":\"";
  auto at = text.find(key);
  if (at == text.npos)
    throw std::runtime_error{"no " + name + " in " + text};
  at += key.size();
  return text.substr(at, text.find('"', at) - at);
}

std::string new_thread(const served& server) {
  return json_field(ask(server.port, "POST /threads", "{}"), "thread_id");
}

std::string executing(const served& server, const std::string& graph) {
  auto thread = "/threads/" + new_thread(server);
  follower events{server.port, "POST " + thread + "/runs/stream",
                  R"({"assistant_id":")" + graph
                    + R"(","input":{"secs":60},"stream_mode":"updates",)"
                      R"("on_disconnect":"continue"})"};
  if (!events.until(R"("pre")")) // The node before it is done.
    throw std::runtime_error{"the run did not start: " + events.text()};
  auto runs = ask(server.port, "GET " + thread + "/runs");
  return thread + "/runs/" + json_field(runs, "run_id");
}

void put_starts(report& out, const std::string& name, const options& opts,
                const std::string& data) {
  std::vector<double> times;
  for (int i = 0; i < 2 * opts.rounds() - 1; ++i) {
    auto begun = std::chrono::steady_clock::now();
    auto server = serve_listening(opts, data);
    ask(server.port, "GET /ok");
    std::chrono::duration<double, std::milli> took
      = std::chrono::steady_clock::now() - begun;
    times.push_back(took.count());
  }
  put_median(out, name, std::move(times));
}

} // namespace heddle::bench
