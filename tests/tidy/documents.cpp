// What is written for people: links lead somewhere, and nothing points to what
// they do not have.

#include "tests/catch.hpp"
#include "tests/tidy/source.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <regex>

using namespace heddle::tidy;
namespace fs = std::filesystem;

namespace {

/// Targets of `[text](target)` in a line.
std::vector<std::string> links(const std::string& line) {
  std::vector<std::string> result;
  for (std::size_t at = 0; (at = line.find("](", at)) != line.npos;) {
    at += 2;
    result.push_back(line.substr(at, line.find(')', at) - at));
  }
  return result;
}

bool leads_somewhere(const source_file& from, const std::string& link) {
  if (link.starts_with("http://") || link.starts_with("https://")
      || link.starts_with("#"))
    return true;
  auto target = link.substr(0, link.find('#'));
  return fs::exists(fs::path{HEDDLE_SOURCE_DIR}
                    / fs::path{from.name}.parent_path() / target);
}

} // namespace

TEST_CASE("every link of the documents leads somewhere", "[tidy]") {
  auto files = read_sources(
    {"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs", "examples"});
  CHECK(files.size() >= 5);
  for (const auto& file : files) {
    if (!file.ends_with({".md"}))
      continue;
    bool code = false; // No links there: a lambda of C++ looks like one.
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      if (file.lines[i].starts_with("```"))
        code = !code;
      if (code)
        continue;
      for (const auto& link : links(file.lines[i]))
        if (!leads_somewhere(file, link))
          FAIL_CHECK(file.at(i) << ": " << link << " leads nowhere");
    }
  }
}

TEST_CASE("docs/api.md lists every route, built or not", "[tidy]") {
  const std::regex row{R"re(\s*\{(\w+), "([^"]+)", (\w+).*)re"};
  const auto page = read_source("docs/api.md").lines;
  std::size_t routes = 0;
  for (const auto& line : read_source("http/routes.cpp").lines) {
    std::smatch parts;
    if (!std::regex_match(line, parts, row))
      continue;
    ++routes;
    auto method = parts.str(1).substr(0, parts.str(1).find('_'));
    for (auto& c : method)
      c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    auto start = "| `" + method + " " + parts.str(2) + "` | ";
    auto found = std::ranges::find_if(
      page, [&](const auto& other) { return other.starts_with(start); });
    INFO(start);
    REQUIRE(found != page.end());
    CHECK((*found == start + "501 |") == (parts.str(3) == "not_built"));
  }
  CHECK(routes > 60);
}

TEST_CASE("nothing points to what users do not have", "[tidy]") {
  const std::string elsewhere[] = {"../sha"
                                   "red",
                                   "/work/"
                                   "shared"};
  auto files = read_sources({"."});
  CHECK(files.size() > 100);
  for (const auto& file : files)
    for (std::size_t i = 0; i < file.lines.size(); ++i)
      for (const auto& path : elsewhere)
        if (file.lines[i].find(path) != std::string::npos)
          FAIL_CHECK(file.at(i) << ": " << path);
}
