// Form: what a reviewer should not have to say.

#include "tests/catch.hpp"
#include "tests/tidy/source.hpp"

#include <algorithm>
#include <optional>

using namespace heddle::tidy;

namespace {

constexpr std::size_t line_length_max = 80;
constexpr std::size_t file_lines_max = 400;
constexpr std::size_t function_lines_max = 70;

struct ban {
  std::string_view folder; ///< Where it applies; "" is everywhere.
  std::string_view text;
  std::string_view why;
};

// In two pieces, so that this file keeps its own rules.
constexpr ban bans[] = {
  {"",
   "FIX"
   "ME",
   "fix it, or file an issue"},
  {"",
   "TO"
   "DO",
   "do it, or file an issue"},
  {"",
   "X"
   "XX",
   "say what is wrong, in an issue"},
  {"core/", "system_clock", "core gets the time as an argument"},
  {"core/", "steady_clock", "core gets the time as an argument"},
  {"core/", "std::mutex", "core is pure"},
  {"core/", "std::thread", "core is pure"},
  {"actors/", "caf::infinite", "every wait has a deadline"},
  {"actors/", "scoped_actor", "it blocks; carry a reply in the message"},
  {"actors/", "std::this_thread", "an actor has no home thread"},
  {"http/", "httplib", "one HTTP library is enough"},
};

/// Also banned, but only where users run it.
constexpr ban product_bans[] = {
  {"", "sleep_for", "wait for what you wait for"},
  {"", "time.sleep", "wait for what you wait for"},
  {"", "std::cerr", "there is a log"},
  {"", "std::cout", "there is a log"},
};

bool is_product(const source_file& file) {
  auto folder = file.folder();
  return folder != "tests" && folder != "bench" && folder != "examples";
}

bool is_code(const source_file& file) {
  return file.ends_with({".hpp", ".cpp", ".py", ".mjs", ".js", ".sh"});
}

std::size_t length(std::string_view line) { // In characters.
  return static_cast<std::size_t>(std::ranges::count_if(line, [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::vector<std::string> banned(const source_file& file) {
  std::vector<std::string> result;
  auto look = [&](const ban& each) {
    if (!file.name.starts_with(each.folder))
      return;
    for (std::size_t i = 0; i < file.lines.size(); ++i)
      if (file.lines[i].find(each.text) != std::string::npos)
        result.push_back(file.at(i) + ": " + std::string{each.text}
                         + " is banned: " + std::string{each.why});
  };
  std::ranges::for_each(bans, look);
  if (is_product(file))
    std::ranges::for_each(product_bans, look);
  return result;
}

/// The indentation of a line that opens the body of a function, by the form
/// that clang-format gives it; nothing if it opens something else.
std::optional<std::size_t> opens_function(std::string_view line) {
  constexpr std::string_view others[]
    = {"namespace", "struct", "class", "enum", "union", "extern", "template"};
  auto indent = line.find_first_not_of(' ');
  if (indent == line.npos || !line.ends_with("{") || line.ends_with("= {"))
    return std::nullopt;
  auto text = line.substr(indent);
  if (std::ranges::any_of(others, [&](auto o) { return text.starts_with(o); }))
    return std::nullopt;
  return indent <= 2 ? std::optional{indent} : std::nullopt;
}

std::vector<std::string> long_functions(const source_file& file) {
  std::vector<std::string> result;
  std::optional<std::size_t> open;
  std::string end;
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    const auto& line = file.lines[i];
    if (auto indent = open ? std::nullopt : opens_function(line)) {
      open = i;
      end = std::string(*indent, ' ') + "}";
    } else if (open && (line == end || line == end + ";")) {
      if (i - *open + 1 > function_lines_max)
        result.push_back(file.at(*open) + ": longer than 70 lines");
      open.reset();
    }
  }
  return result;
}

std::vector<std::string> ill_formed(const source_file& file) {
  std::vector<std::string> result;
  if (file.lines.size() > file_lines_max)
    result.push_back(file.name + ": longer than 400 lines, split it");
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    const auto& line = file.lines[i];
    if (file.ends_with({".hpp", ".cpp"}) && length(line) > line_length_max)
      result.push_back(file.at(i) + ": longer than 80 columns");
    if (line.find('\t') != line.npos)
      result.push_back(file.at(i) + ": a tab");
    if (line.ends_with(' '))
      result.push_back(file.at(i) + ": blanks at the end");
  }
  if (file.ends_with({".hpp"})
      && std::ranges::count(file.lines, "#pragma once") != 1)
    result.push_back(file.name + ": needs #pragma once");
  return result;
}

} // namespace

TEST_CASE("the source keeps its own rules", "[tidy]") {
  auto files = read_sources({"include", "core", "runtime", "store", "worker",
                             "workers", "actors", "http", "app", "tests",
                             "bench", "examples", ".ci"});
  CHECK(files.size() > 100);
  for (const auto& file : files) {
    if (!is_code(file))
      continue;
    for (const auto& complaint : banned(file))
      FAIL_CHECK(complaint);
    for (const auto& complaint : ill_formed(file))
      FAIL_CHECK(complaint);
    if (file.ends_with({".hpp", ".cpp"}))
      for (const auto& complaint : long_functions(file))
        FAIL_CHECK(complaint);
  }
}

TEST_CASE("the checks of form see what they should", "[tidy]") {
  source_file bad{"core/x.hpp",
                  {std::string(81, 'x'), "int a; ", "\tint b;",
                   "auto now = std::chrono::system_clock::now();",
                   "std::this_thread::sleep_for(1s); // TO"
                   "DO"}};
  CHECK(ill_formed(bad).size() == 4); // And no #pragma once.
  CHECK(banned(bad).size() == 3);

  source_file vast{"core/y.cpp", {"int f() {"}};
  vast.lines.resize(71, "  f();");
  vast.lines.push_back("}");
  CHECK(long_functions(vast).size() == 1);
  vast.lines.erase(vast.lines.begin() + 1, vast.lines.begin() + 4);
  CHECK(long_functions(vast).empty());
}
