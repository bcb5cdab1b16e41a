#include "app/dotenv.hpp"
#include "app/project.hpp"
#include "tests/catch.hpp"

#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace heddle::app;
namespace fs = std::filesystem;

namespace {

heddle::result<project> parse_with(const std::string& more,
                                   const std::string& graph = "./a.py:graph") {
  return parse_project(R"({"graphs":{"a":")" + graph + "\"}" + more + "}",
                       "/home/me/langgraph.json");
}

std::string why_not(const std::string& more,
                    const std::string& graph = "./a.py:graph") {
  auto read = parse_with(more, graph);
  REQUIRE(read.has_error());
  CHECK_THAT(read.error().detail, StartsWith("/home/me/langgraph.json: "));
  CHECK(read.error().detail.find('\n') == std::string::npos);
  return read.error().detail;
}

} // namespace

TEST_CASE("a project names its graphs in order", "[app]") {
  auto read = parse_project(R"({"dependencies": ["."], "graphs": {
    "z": "./z.py:graph", "a": {"path": "my.module:make", "description": "A"},
    "m": "src/m.py:app"}, "python_version": "3.11"})",
                            "/home/me/langgraph.json");
  REQUIRE(read.has_value());
  CHECK(read->graphs == std::vector<std::string>{"z", "a", "m"});
  CHECK(read->folder() == "/home/me");
  CHECK(!read->cors_origins);
  CHECK(!read->webhook_https);
}

TEST_CASE("what is named and not built is refused by its name", "[app]") {
  auto [more, name] = GENERATE(table<std::string, std::string>(
    {{R"(,"auth":{"path":"./auth.py:auth"})", "auth"},
     {R"(,"encryption":{"path":"./e.py:e"})", "encryption"},
     {R"(,"ui":{"agent":"./ui.tsx"})", "ui"},
     {R"(,"node_version":"20")", "node_version"},
     {R"(,"http":{"app":"./web.py:app"})", "http.app"},
     {R"(,"http":{"mount_prefix":"/x"})", "http.mount_prefix"},
     {R"(,"http":{"disable_runs":true})", "http.disable_runs"},
     {R"(,"http":{"cors":{"allow_origin_regex":".*"}})",
      "http.cors.allow_origin_regex"},
     {R"(,"store":{"index":{"dims":3,"embed":"x"}})", "store.index"},
     {R"(,"store":{"ttl":{"default_ttl":5}})", "store.ttl"},
     {R"(,"checkpointer":{"ttl":{"default_ttl":5}})", "checkpointer.ttl"},
     {R"(,"checkpointer":{"backend":"mongo"})", "checkpointer.backend"},
     {R"(,"webhooks":{"headers":{"a":"b"}})", "webhooks.headers"},
     {R"(,"webhooks":{"url":{"allowed_domains":["a"]}})",
      "webhooks.url.allowed_domains"}}));
  auto text = why_not(more);
  CHECK_THAT(text, Contains("\"" + name + "\""));
  CHECK_THAT(text, Contains("not supported"));
}

TEST_CASE("what asks for nothing is not refused", "[app]") {
  auto more = GENERATE(
    R"(,"auth":null)", R"(,"http":{"disable_runs":false,"app":null})",
    R"(,"store":{},"checkpointer":{"backend":"default"},"ui":{})",
    R"(,"http":{"disable_mcp":true,"disable_store":true})",
    R"(,"image_distro":"wolfi","pip_installer":"uv","dockerfile_lines":[])");
  CHECK(parse_with(more).has_value());
}

TEST_CASE("an unknown key is refused with a hint", "[app]") {
  CHECK_THAT(why_not(R"(,"atuh":{"path":"x"})"),
             Contains("unknown key \"atuh\". Did you mean auth?"));
  CHECK_THAT(why_not(R"(,"http":{"ap":"x"})"),
             Contains("unknown key \"http.ap\". Did you mean app?"));
}

TEST_CASE("graphs must be Python", "[app]") {
  CHECK_THAT(why_not("", "./agent.ts:graph"), Contains("JavaScript"));
  CHECK_THAT(why_not("", "./agent.py"), Contains("file.py:variable"));
  CHECK_THAT(why_not("", "./agent.py:"), Contains("file.py:variable"));
  CHECK_THAT(why_not("", ":graph"), Contains("file.py:variable"));
  CHECK_THAT(why_not("", "./agent.rb:graph"), Contains("no Python file"));
  CHECK(parse_project(R"({"graphs":{}})", "/l.json").has_error());
  CHECK(parse_project(R"({})", "/l.json").has_error());
  CHECK(parse_project(R"([])", "/l.json").has_error());
  CHECK(parse_project(R"({"graphs":{"a":1}})", "/l.json").has_error());
  CHECK(parse_project(R"({"graphs":{"a":{}}})", "/l.json").has_error());
  CHECK_THAT(parse_project("{", "/l.json").error().detail,
             Contains("not valid JSON"));
}

TEST_CASE("cors origins of the file replace the default", "[app]") {
  auto read = parse_with(R"(,"http":{"cors":{"allow_origins":["http://a"],
    "allow_methods":["*"],"expose_headers":["Content-Location"]}})");
  REQUIRE(read.has_value());
  CHECK(read->cors_origins == std::vector<std::string>{"http://a"});
  CHECK(parse_with(R"(,"http":{"cors":{}})").value().cors_origins->empty());
  why_not(R"(,"http":{"cors":{"allow_origins":"*"}})");
}

TEST_CASE("cors rules that would not be kept are refused", "[app]") {
  auto [rule, name] = GENERATE(table<std::string, std::string>(
    {{R"("allow_methods":["GET"])", "http.cors.allow_methods"},
     {R"("allow_headers":["x-a"])", "http.cors.allow_headers"},
     {R"("expose_headers":["x-a"])", "http.cors.expose_headers"},
     {R"("allow_credentials":true)", "http.cors.allow_credentials"},
     {R"("max_age":5)", "http.cors.max_age"}}));
  CHECK_THAT(why_not(R"(,"http":{"cors":{)" + rule + "}}"),
             Contains("\"" + name + "\""));
}

TEST_CASE("a webhook policy requires https unless it says no", "[app]") {
  CHECK(parse_with(R"(,"webhooks":{"url":{"disable_loopback":true}})")
          .value()
          .webhook_https
        == true);
  CHECK(parse_with(R"(,"webhooks":{"url":{"require_https":false}})")
          .value()
          .webhook_https
        == false);
  CHECK(!parse_with(R"(,"webhooks":{})").value().webhook_https);
  CHECK_THAT(why_not(R"(,"webhooks":{"url":{"disable_loopback":false}})"),
             Contains("--webhook-allow-loopback"));
}

TEST_CASE("env is an object or a file beside the configuration", "[app]") {
  CHECK(parse_with(R"(,"env":{"A":"1"})").value().env.at("A") == "1");
  CHECK_THAT(why_not(R"(,"env":{"A":1})"), Contains("env.A"));
  CHECK_THAT(why_not(R"(,"env":".env-that-is-not-there")"),
             Contains("cannot be read"));

  auto folder = fs::temp_directory_path()
                / ("heddle-project-" + std::to_string(getpid()));
  fs::create_directories(folder);
  std::ofstream{folder / ".env"} << "A=1\nexport B=\"x\\ny\" # c\n\n#no\n";
  std::ofstream{folder / "langgraph.json"}
    << R"({"graphs":{"a":"./a.py:g"},"env":".env"})";
  auto read = read_project(folder / "langgraph.json");
  fs::remove_all(folder);
  REQUIRE(read.has_value());
  CHECK(read->env.at("A") == "1");
  CHECK(read->env.at("B") == "x\ny");
  CHECK(read_project(folder / "langgraph.json").error().code
        == heddle::errc::not_found);
}

TEST_CASE("dotenv lines are read as people write them", "[app]") {
  auto read = parse_dotenv("A=1\n B = two words # why\nC='a # b'\nD=\nA=2\n"
                           "E=a#b\r\n");
  REQUIRE(read.has_value());
  CHECK(read->at("A") == "2");
  CHECK(read->at("B") == "two words");
  CHECK(read->at("C") == "a # b");
  CHECK(read->at("D").empty());
  CHECK(read->at("E") == "a#b");
  CHECK(parse_dotenv("A=1\nnonsense\n").error().detail
        == "line 2: expected KEY=value");
  CHECK(parse_dotenv("A='open\n").has_error());
  CHECK(parse_dotenv("1A=x\n").has_error());
}
