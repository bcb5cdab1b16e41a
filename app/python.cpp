#include "app/python.hpp"

#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <system_error>

namespace heddle::app {

namespace fs = std::filesystem;

namespace {

bool is_program(const fs::path& file) {
  std::error_code failed;
  return fs::is_regular_file(file, failed) && ::access(file.c_str(), X_OK) == 0;
}

/// Like a shell finds a command.
fs::path find_in_path(const std::string& name, std::string_view path) {
  while (!path.empty()) {
    auto folder = path.substr(0, path.find(':'));
    path.remove_prefix(std::min(folder.size() + 1, path.size()));
    if (auto file = fs::path{folder} / name; is_program(file))
      return file;
  }
  return {};
}

std::string variable(const std::map<std::string, std::string>& from,
                     const char* name) {
  auto found = from.find(name);
  return found == from.end() ? std::string{} : found->second;
}

} // namespace

result<std::string>
choose_python(const std::string& asked,
              const std::map<std::string, std::string>& variables,
              const fs::path& prepared) {
  auto path = variable(variables, "PATH");
  if (!asked.empty()) {
    auto file = asked.find('/') == asked.npos ? find_in_path(asked, path)
                                              : fs::absolute(asked);
    if (is_program(file))
      return file.string();
    return error{errc::not_found, "--python=" + asked + ": no such program"};
  }
  if (auto active = variable(variables, "VIRTUAL_ENV"); !active.empty())
    if (auto file = fs::path{active} / "bin" / "python"; is_program(file))
      return file.string();
  if (is_program(prepared))
    return prepared.string();
  if (auto file = find_in_path("python3", path); !file.empty())
    return file.string();
  return error{errc::not_found,
               "there is no Python to run graphs with; name one with --python"};
}

std::string graph_library_version(const fs::path& python) {
  constexpr std::string_view start = "langgraph-";
  constexpr std::string_view end = ".dist-info";
  std::error_code failed;
  auto lib = python.parent_path().parent_path() / "lib";
  for (const auto& version : fs::directory_iterator{lib, failed})
    for (const auto& package :
         fs::directory_iterator{version.path() / "site-packages", failed}) {
      auto name = package.path().filename().string();
      if (name.starts_with(start) && name.ends_with(end))
        return name.substr(start.size(),
                           name.size() - start.size() - end.size());
    }
  return {};
}

} // namespace heddle::app
