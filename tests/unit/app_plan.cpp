#include "app/command_line.hpp"
#include "app/plan.hpp"
#include "tests/catch.hpp"

#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace heddle::app;
namespace fs = std::filesystem;

namespace {

/// A project of its own, which goes with the test.
struct fixture {
  fs::path folder
    = fs::temp_directory_path() / ("heddle-plan-" + std::to_string(getpid()));
  std::map<std::string, std::string> variables{{"PATH", "/usr/bin:/bin"}};

  fixture() {
    fs::create_directories(folder);
    write("");
  }
  ~fixture() { fs::remove_all(folder); }

  void write(const std::string& more) {
    std::ofstream{folder / "langgraph.json"}
      << R"({"graphs":{"a":"./a.py:g"})" + more + "}";
  }

  heddle::result<serve_plan> plan(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), {"heddle", "serve", "--config",
                                         (folder / "langgraph.json").string()});
    std::vector<const char*> raw;
    for (const auto& each : arguments)
      raw.push_back(each.c_str());
    auto asked = read_command_line(static_cast<int>(raw.size()), raw.data());
    REQUIRE(asked.what == command::kind::serve);
    return make_plan(asked.options, variables);
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "data is kept beside the configuration", "[app]") {
  CHECK(plan().value().data == fs::canonical(folder) / ".heddle");
  CHECK(plan({"--data", "/var/x"}).value().data == "/var/x");
}

TEST_CASE_METHOD(fixture, "a host that is not loopback needs keys", "[app]") {
  auto host = GENERATE("0.0.0.0", "::", "192.168.1.1", "example.org", "");
  if (*host == '\0') {
    CHECK(plan({"--host", host}).has_error());
    return;
  }
  auto refused = plan({"--host", host});
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == heddle::errc::forbidden);
  CHECK_THAT(refused.error().detail, Contains("--api-key-file"));
  CHECK(plan({"--host", host, "--insecure"}).has_value());

  std::ofstream{folder / "keys"} << std::string(32, 'k') << '\n';
  auto keyed
    = plan({"--host", host, "--api-key-file", (folder / "keys").string()});
  REQUIRE(keyed.has_value());
  CHECK(keyed->api_keys.size() == 1);
}

TEST_CASE("loopback is what only this machine can reach", "[app]") {
  CHECK(is_loopback("127.0.0.1"));
  CHECK(is_loopback("127.9.9.9"));
  CHECK(is_loopback("::1"));
  CHECK(is_loopback("localhost"));
  CHECK(!is_loopback("::ffff:10.0.0.1"));
  CHECK(!is_loopback("0.0.0.0"));
  CHECK(!is_loopback("localhost.example.org"));
}

TEST_CASE_METHOD(fixture, "the project's env chooses where nobody else does",
                 "[app]") {
  write(R"(,"env":{"N_JOBS_PER_WORKER":"3","HEDDLE_STOP_GRACE":"1s"})");
  CHECK(plan().value().chosen.server.jobs_per_worker == 3);
  CHECK(plan().value().chosen.server.stop_grace == std::chrono::seconds{1});
  variables["N_JOBS_PER_WORKER"] = "4";
  CHECK(plan().value().chosen.server.jobs_per_worker == 4);
  CHECK(plan({"--jobs-per-worker", "5"}).value().chosen.server.jobs_per_worker
        == 5);

  write(R"(,"env":{"LANGGRAPH_AUTH_TYPE":"langsmith"})");
  auto refused = plan();
  REQUIRE(refused.has_error());
  CHECK_THAT(refused.error().detail, Contains("LANGGRAPH_AUTH_TYPE"));
}

TEST_CASE_METHOD(fixture, "origins are the flag's, else the project's",
                 "[app]") {
  using list = std::vector<std::string>;
  CHECK(plan().value().chosen.cors_origins == list{"*"});
  write(R"(,"http":{"cors":{"allow_origins":["http://a"]}})");
  CHECK(plan().value().chosen.cors_origins == list{"http://a"});
  CHECK(plan({"--cors-allow-origins", "http://b"}).value().chosen.cors_origins
        == list{"http://b"});
}

TEST_CASE_METHOD(fixture, "a project may require https of webhooks", "[app]") {
  CHECK(!plan().value().chosen.server.webhook_https);
  write(R"(,"webhooks":{"url":{"require_https":true}})");
  CHECK(plan().value().chosen.server.webhook_https);
}

TEST_CASE_METHOD(fixture, "a missing configuration is said in one line",
                 "[app]") {
  fs::remove(folder / "langgraph.json");
  auto missing = plan();
  REQUIRE(missing.has_error());
  CHECK_THAT(missing.error().detail, Contains("langgraph.json"));
  CHECK(missing.error().detail.find('\n') == std::string::npos);
}
