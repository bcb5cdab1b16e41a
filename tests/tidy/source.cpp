#include "tests/tidy/source.hpp"

#include <algorithm>
#include <fstream>
#include <set>

namespace heddle::tidy {

namespace fs = std::filesystem;

namespace {

const fs::path root = HEDDLE_SOURCE_DIR;

bool is_made_by_tools(const fs::path& path) {
  static const std::set<std::string> names{
    "build",   "node_modules",  "__pycache__",       ".git",        ".venv",
    ".heddle", ".pytest_cache", "package-lock.json", "openapi.json"};
  return names.contains(path.filename().string());
}

void collect(const fs::path& path, std::vector<source_file>& into) {
  if (is_made_by_tools(path))
    return;
  if (fs::is_directory(path)) {
    for (const auto& entry : fs::directory_iterator{path})
      collect(entry.path(), into);
  } else if (fs::is_regular_file(path)) {
    into.push_back(read_source(fs::relative(path, root).generic_string()));
  }
}

} // namespace

bool source_file::ends_with(
  std::initializer_list<std::string_view> ends) const {
  return std::ranges::any_of(ends,
                             [&](auto end) { return name.ends_with(end); });
}

std::string source_file::at(std::size_t index) const {
  return name + ":" + std::to_string(index + 1);
}

source_file read_source(std::string_view name) {
  source_file result{std::string{name}, {}};
  std::ifstream in{root / name};
  for (std::string line; std::getline(in, line);)
    result.lines.push_back(line);
  return result;
}

std::vector<source_file>
read_sources(std::initializer_list<std::string_view> under) {
  std::vector<source_file> result;
  for (auto each : under)
    collect(root / each, result);
  std::ranges::sort(result, {}, &source_file::name);
  return result;
}

} // namespace heddle::tidy
