// The arrows of docs/ARCHITECTURE.md: who may know whom.

#include "tests/catch.hpp"
#include "tests/tidy/source.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

using namespace heddle::tidy;

namespace {

using names = std::set<std::string>;

/// What a folder may include of ours. `heddle` is include/heddle.
const std::map<std::string, names> arrows{
  {"include", {"heddle"}},
  {"core", {"heddle", "core"}},
  {"graph", {"heddle", "core", "worker", "graph"}}, // Of worker/ its values.
  {"runtime", {"heddle", "runtime"}},
  {"store", {"heddle", "core", "store"}},
  // Of core/ what graph/ links.
  {"worker", {"heddle", "core", "graph", "runtime", "worker"}},
  {"actors",
   {"heddle", "core", "store", "graph", "worker", "runtime", "actors"}},
  {"http", {"heddle", "runtime", "http"}},
  {"embed",
   {"heddle", "core", "store", "graph", "worker", "runtime", "actors", "http",
    "embed"}},
  {"app",
   {"heddle", "core", "store", "graph", "worker", "runtime", "actors", "http",
    "embed", "app"}},
};

/// Who alone may include what comes from elsewhere.
const std::map<std::string, names> owners{
  {"caf/", {"actors"}},
  {"boost/asio", {"http", "worker", "runtime"}},
  {"boost/beast", {"http"}},
  {"sqlite3.h", {"store"}},
  {"msgpuck.h", {"worker"}},
  {"curl/", {"http"}},
  {"CLI/", {"app"}},
  {"spdlog/", {"app"}},
  {"prometheus/", {"http"}},
  {"nlohmann/", {"core", "store", "actors", "http", "app"}},
};

/// Optional public headers for users of a library, and what each may include.
const std::map<std::string, std::string> bridges{
  {"include/heddle/actors.hpp", "caf/"},
  {"include/heddle/asio.hpp", "boost/asio"},
  {"include/heddle/nlohmann.hpp", "nlohmann/"},
};

/// The header that the line includes, with its bracket or quote; or nothing.
std::string included(const std::string& line) {
  std::istringstream in{line};
  std::string word;
  std::string header;
  in >> word >> header;
  return word == "#include" && header.size() > 2 ? header : std::string{};
}

std::string why_not_ours(const std::string& folder, const std::string& header) {
  auto target = header.substr(1, header.find('/') - 1);
  return arrows.at(folder).contains(target)
           ? std::string{}
           : folder + "/ may not know " + target + "/";
}

std::string why_not_theirs(const source_file& file, const std::string& header) {
  auto folder = file.folder();
  auto bridge = bridges.find(file.name);
  for (const auto& [prefix, who] : owners)
    if (header.substr(1).starts_with(prefix) && !who.contains(folder)
        && (bridge == bridges.end() || bridge->second != prefix))
      return folder + "/ may not know <" + prefix + "…>";
  return {};
}

std::vector<std::string> complaints(const source_file& file) {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    auto header = included(file.lines[i]);
    if (header.empty())
      continue;
    auto why = header[0] == '"' ? why_not_ours(file.folder(), header)
                                : why_not_theirs(file, header);
    if (!why.empty())
      result.push_back(file.at(i) + ": " + why);
  }
  return result;
}

/// What `heddle_library(<folder> …)` links of ours.
std::map<std::string, names> link_lines() {
  std::string text;
  for (const auto& line : read_source("CMakeLists.txt").lines)
    text += line.substr(0, line.find('#')) + ' ';
  const std::string call = "heddle_library(";
  std::map<std::string, names> result;
  for (std::size_t at = 0; (at = text.find(call, at)) != text.npos;) {
    at += call.size();
    std::istringstream words{text.substr(at, text.find(')', at) - at)};
    std::string folder;
    words >> folder;
    auto& links = result[folder];
    for (std::string word; words >> word;)
      if (word.starts_with("heddle_"))
        links.insert(word.substr(7));
  }
  result.erase("folder"); // The function itself.
  return result;
}

/// Everything that a folder gets by its links, and theirs.
names reach(const std::map<std::string, names>& links,
            const std::string& folder) {
  names result;
  for (const auto& direct : links.at(folder)) {
    result.insert(direct);
    result.merge(reach(links, direct));
  }
  return result;
}

} // namespace

TEST_CASE("every folder includes only what its arrow allows", "[tidy]") {
  for (const auto& [folder, unused] : arrows) {
    auto files = read_sources({folder});
    INFO(folder);
    CHECK(!files.empty());
    for (const auto& file : files)
      if (file.ends_with({".hpp", ".cpp"}))
        for (const auto& complaint : complaints(file))
          FAIL_CHECK(complaint);
  }
}

TEST_CASE("every library links what its arrow allows", "[tidy]") {
  auto links = link_lines();
  for (const auto& [folder, allowed] : arrows) {
    if (folder == "include")
      continue;
    INFO(folder);
    REQUIRE(links.contains(folder));
    for (const auto& reached : reach(links, folder))
      if (!allowed.contains(reached))
        FAIL_CHECK(folder << " links " << reached << ", which it may not know");
  }
}

TEST_CASE("the checks of layers see what they should", "[tidy]") {
  auto bad
    = source_file{"core/x.cpp",
                  {"#include \"store/store.hpp\"", "#include <caf/a.hpp>",
                   "#include <vector>", "#include \"core/y.hpp\"",
                   "  #include <boost/asio.hpp>"}};
  CHECK(complaints(bad).size() == 3);
  CHECK(complaints({"include/heddle/x.hpp", {"#include <nlohmann/json.hpp>"}})
          .size()
        == 1);
}
