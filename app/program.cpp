#include "app/program.hpp"

#include "app/command_line.hpp"
#include "app/plan.hpp"
#include "app/serve.hpp"
#include "worker/hosted/graph_worker.hpp"
#include "worker/launcher_process.hpp"
#include "worker/process/spawn.hpp"

#include <cstdio>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace heddle::app {

namespace {

constexpr int failed = 1;
constexpr int wrong_use = 2;

int complain(const std::string& why, int exit_code) {
  std::fprintf(stderr, "heddle: %s\n", why.c_str());
  return exit_code;
}

std::map<std::string, std::string> read_environment(char** from) {
  std::map<std::string, std::string> result;
  for (; *from != nullptr; ++from) {
    std::string text{*from};
    if (auto equals = text.find('='); equals != text.npos)
      result[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return result;
}

} // namespace

int run_program(int argc, char** argv, char** environment) try {
  auto asked = read_command_line(argc, argv);
  if (asked.what == command::kind::wrong)
    return complain(asked.text, wrong_use);
  if (asked.what == command::kind::print) {
    std::fputs(asked.text.c_str(), stdout);
    return 0;
  }
  if (asked.what == command::kind::graph_worker)
    return asked.list ? worker::hosted::list_graphs(asked.text)
                      : worker::hosted::work(asked.text, worker::worker_fd);
  auto plan = make_plan(asked.options, read_environment(environment));
  if (plan.has_error())
    return complain(plan.error().detail, wrong_use);
  // Before there is any OS thread: see worker/launcher_process.hpp.
  std::vector<worker::launcher_handle> forked;
  while (forked.size() < launchers_of(*plan))
    forked.push_back(worker::start_launcher_process());
  auto served = serve(*plan, std::move(forked));
  return served.has_error() ? complain(served.error().detail, failed) : 0;
} catch (const std::exception& why) {
  return complain(why.what(), failed);
}

} // namespace heddle::app
