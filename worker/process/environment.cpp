#include "worker/process/environment.hpp"

#include "worker/process/spawn.hpp"

#include <algorithm>
#include <string_view>

namespace heddle::worker {

namespace {

bool is_passed_on(const std::string& name, const process_options& options) {
  if (name.starts_with("HEDDLE_"))
    return false;
  return !options.worker_env
         || std::find(options.worker_env->begin(), options.worker_env->end(),
                      name)
              != options.worker_env->end();
}

} // namespace

std::vector<std::string> worker_environment(const char* const* inherited,
                                            const process_options& options) {
  std::map<std::string, std::string> all;
  for (; *inherited; ++inherited) {
    std::string_view entry{*inherited};
    auto equals = entry.find('=');
    if (equals == std::string_view::npos)
      continue;
    std::string name{entry.substr(0, equals)};
    if (is_passed_on(name, options))
      all[name] = entry.substr(equals + 1);
  }
  for (const auto& [name, value] : options.env)
    all[name] = value;
  all["HEDDLE_WORKER_FD"] = std::to_string(worker_fd);
  std::vector<std::string> out;
  for (const auto& [name, value] : all)
    out.push_back(name + '=' + value);
  return out;
}

} // namespace heddle::worker
