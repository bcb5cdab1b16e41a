#include "bench/lib/whole_server.hpp"

#include "bench/lib/load.hpp"

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

} // namespace heddle::bench
