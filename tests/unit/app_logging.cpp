#include "app/api_keys.hpp"
#include "app/logging.hpp"
#include "app/python.hpp"
#include "tests/catch.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace heddle::app;
using heddle::log_level;
namespace fs = std::filesystem;

namespace {

std::string line(log_format format, std::string_view text,
                 const heddle::log_fields& fields = {}) {
  return format_line(format, heddle::from_micros(0), log_level::info, text,
                     fields);
}

/// A folder that goes with the test.
struct folder {
  fs::path path
    = fs::temp_directory_path() / ("heddle-app-" + std::to_string(getpid()));
  folder() { fs::create_directories(path); }
  ~folder() { fs::remove_all(path); }

  fs::path program(const std::string& name) {
    auto file = path / name;
    fs::create_directories(file.parent_path());
    std::ofstream{file} << "#!/bin/sh\n";
    fs::permissions(file, fs::perms::owner_all);
    return file;
  }
};

} // namespace

TEST_CASE("a line of the log is one JSON object", "[app]") {
  constexpr char bytes[] = "a\r\n{\"level\":\"info\"}\x1b[31m\x7f\xff\0b";
  std::string evil{bytes, sizeof bytes - 1};
  auto text = line(log_format::json, evil, {{"n", 7}, {evil, evil}});
  for (unsigned char c : text)
    CHECK((c >= 0x20 && c != 0x7f));
  auto object = nlohmann::json::parse(text);
  CHECK(object["level"] == "info");
  CHECK(object["n"] == 7);
  CHECK(object.size() == 5);
}

TEST_CASE("a text line shows fields, and quotes what could be misread",
          "[app]") {
  auto text = line(log_format::text, "run killed",
                   {{"run", "abc"}, {"n", 7}, {"why", "a b=\"c\""}});
  CHECK_THAT(text, EndsWith("info    run killed run=abc n=7 "
                            "why=\"a b=\\\"c\\\"\""));
}

TEST_CASE("a traceback is a block that no log line can be forged in", "[app]") {
  auto text = line(log_format::text, "broken",
                   {{"why", "File \"a.py\"\n2026 info x\x1b[2J"}, {"id", "g"}});
  CHECK_THAT(text, Contains("broken id=g\n    | File \"a.py\"\n    | 2026"));
  CHECK(text.find('\x1b') == std::string::npos);
  text = line(log_format::text, "broken\nwhy\n", {{"id", "g"}});
  CHECK_THAT(text, EndsWith("broken id=g\n    | why"));
}

TEST_CASE("long texts are cut", "[app]") {
  CHECK(line(log_format::json, std::string(1'000'000, 'x')).size() < 20'000);
}

TEST_CASE("a key file has keys that cannot be guessed", "[app]") {
  auto key = std::string(32, 'k');
  auto keys = parse_api_keys("# ours\n\n " + key + "\r\n" + key + "2\n");
  REQUIRE(keys.has_value());
  CHECK(*keys == std::vector<std::string>{key, key + "2"});
  CHECK(parse_api_keys("").has_error());
  CHECK(parse_api_keys("# none\n").has_error());
  auto weak = parse_api_keys(key + "\nsecret\n");
  REQUIRE(weak.has_error());
  CHECK_THAT(weak.error().detail, StartsWith("line 2: "));
  CHECK(weak.error().detail.find("secret") == std::string::npos);
  CHECK(parse_api_keys(key + " " + key).has_error());
  CHECK(read_api_keys("/no/such/file").error().code == heddle::errc::not_found);
}

TEST_CASE("a key file that others may write is refused", "[app]") {
  folder here;
  auto file = here.path / "keys";
  std::ofstream{file} << std::string(32, 'k') << '\n';
  fs::permissions(file, fs::perms::owner_read);
  CHECK(read_api_keys(file).has_value());
  fs::permissions(file, fs::perms::owner_read | fs::perms::group_write);
  CHECK(read_api_keys(file).has_error());
}

TEST_CASE("Python is the one asked for, the active one, ours, any", "[app]") {
  folder here;
  auto asked = here.program("asked");
  auto active = here.program("venv/bin/python");
  auto ours = here.program("ours/bin/python");
  auto any = here.program("path/python3");
  std::map<std::string, std::string> variables{
    {"PATH", "/nowhere:" + any.parent_path().string()},
    {"VIRTUAL_ENV", (here.path / "venv").string()}};
  CHECK(choose_python(asked, variables, ours).value() == asked);
  CHECK(choose_python("python3", variables, ours).value() == any);
  CHECK(choose_python("", variables, ours).value() == active);
  variables.erase("VIRTUAL_ENV");
  CHECK(choose_python("", variables, ours).value() == ours);
  CHECK(choose_python("", variables, here.path / "none").value() == any);
  CHECK(choose_python("", {}, here.path / "none").has_error());
  CHECK(choose_python("/no/python", variables, ours).has_error());
}

TEST_CASE("the library's version is read from the environment", "[app]") {
  folder here;
  auto python = here.program("bin/python");
  CHECK(graph_library_version(python).empty());
  fs::create_directories(here.path
                         / "lib/python3.11/site-packages/"
                           "langgraph_sdk-9.9.dist-info");
  fs::create_directories(here.path
                         / "lib/python3.11/site-packages/"
                           "langgraph-1.2.3.dist-info");
  CHECK(graph_library_version(python) == "1.2.3");
}
