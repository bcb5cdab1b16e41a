// Form: what a reviewer should not have to say.

#include "tests/catch.hpp"
#include "tests/tidy/source.hpp"

#include <algorithm>
#include <cctype>
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

/// Whether `word` stands in the line, and not inside a longer one.
bool has_word(std::string_view line, std::string_view word) {
  auto is_part
    = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  for (std::size_t at = 0; (at = line.find(word, at)) != line.npos; ++at) {
    auto end = at + word.size();
    auto inside = (at > 0 && is_part(line[at - 1]) && is_part(word.front()))
                  || (end < line.size() && is_part(line[end]));
    if (!inside)
      return true;
  }
  return false;
}

std::vector<std::string> banned(const source_file& file) {
  std::vector<std::string> result;
  auto look = [&](const ban& each) {
    if (!file.name.starts_with(each.folder))
      return;
    for (std::size_t i = 0; i < file.lines.size(); ++i)
      if (has_word(file.lines[i], each.text))
        result.push_back(file.at(i) + ": " + std::string{each.text}
                         + " is banned: " + std::string{each.why});
  };
  std::ranges::for_each(bans, look);
  if (is_product(file))
    std::ranges::for_each(product_bans, look);
  return result;
}

/// Where the statement begins that goes on in this line.
std::size_t first_line(const source_file& file, std::size_t i) {
  auto ends_statement = [](std::string_view line) {
    return line.empty() || line.starts_with('#') || line.find("//") != line.npos
           || std::string_view{";{}:"}.find(line.back()) != line.npos;
  };
  while (i > 0 && !ends_statement(file.lines[i - 1]))
    --i;
  return i;
}

/// The indentation of a function whose body opens in this line, by the form
/// that clang-format gives it; nothing if something else opens, or nothing.
std::optional<std::size_t> opens_function(const source_file& file,
                                          std::size_t i) {
  constexpr std::string_view others[]
    = {"namespace", "struct", "class", "enum", "union", "extern"};
  const auto& line = file.lines[i];
  if (!line.ends_with(" {") || line.ends_with("= {"))
    return std::nullopt;
  std::string_view first = file.lines[first_line(file, i)];
  auto indent = first.find_first_not_of(' ');
  auto text = first.substr(indent);
  if (indent > 2 || std::ranges::any_of(others, [&](auto other) {
        return text.starts_with(other);
      }))
    return std::nullopt;
  return indent;
}

std::vector<std::string> long_functions(const source_file& file) {
  std::vector<std::string> result;
  std::optional<std::size_t> open;
  std::string end;
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    const auto& line = file.lines[i];
    if (auto indent = open ? std::nullopt : opens_function(file, i)) {
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
                             "workers", "actors", "http", "embed", "app",
                             "tests", "bench", "examples", ".ci"});
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
