#include "app/command_line.hpp"
#include "tests/catch.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

using namespace heddle::app;

namespace {

using variables_map = std::map<std::string, std::string>;

command read(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "heddle");
  return read_command_line(static_cast<int>(arguments.size()),
                           arguments.data());
}

/// As the program does: the command line first, then the variables.
heddle::result<settings> choose(std::vector<const char*> arguments,
                                const variables_map& variables) {
  arguments.insert(arguments.begin(), "serve");
  auto asked = read(std::move(arguments));
  REQUIRE(asked.what == command::kind::serve);
  auto from = read_variables(variables);
  if (from.has_error())
    return from.error();
  asked.options.insert(from->begin(), from->end());
  return make_settings(asked.options);
}

} // namespace

TEST_CASE("without options the defaults hold", "[app]") {
  auto chosen = choose({}, {}).value();
  CHECK(chosen.host == "127.0.0.1");
  CHECK(chosen.port == 2024);
  CHECK(chosen.server.jobs_per_worker == 10);
  CHECK(chosen.server.stop_grace == std::chrono::seconds{5});
}

TEST_CASE("an option can be given as a flag and as a variable", "[app]") {
  CHECK(choose({"--port", "81"}, {}).value().port == 81);
  CHECK(choose({"--port=81"}, {}).value().port == 81);
  CHECK(choose({"--port=80", "--port=81"}, {}).value().port == 81);
  CHECK(choose({}, {{"HEDDLE_PORT", "82"}}).value().port == 82);
  CHECK(choose({"--port", "81"}, {{"HEDDLE_PORT", "82"}}).value().port == 81);
  CHECK(choose({"--insecure"}, {}).value().insecure);
  CHECK(choose({}, {{"HEDDLE_INSECURE", "true"}}).value().insecure);
  CHECK(!choose({}, {{"HEDDLE_INSECURE", "0"}}).value().insecure);
}

TEST_CASE("the reference's variables work, Heddle's own come first", "[app]") {
  auto chosen = choose({}, {{"N_JOBS_PER_WORKER", "3"},
                            {"BG_JOB_TIMEOUT_SECS", "90"},
                            {"BG_JOB_MAX_RETRIES", "7"},
                            {"RESUMABLE_STREAM_TTL_SECONDS", "5"},
                            {"HTTP_MAX_REQUEST_BODY_BYTES", "1000"},
                            {"CORS_ALLOW_ORIGINS", "http://a, http://b"},
                            {"LOG_LEVEL", "WARNING"},
                            {"LOG_JSON", "true"}})
                  .value();
  CHECK(chosen.server.jobs_per_worker == 3);
  CHECK(chosen.server.run_timeout == std::chrono::seconds{90});
  CHECK(chosen.server.strikes_max == 7);
  CHECK(chosen.server.resumable_ttl == std::chrono::seconds{5});
  CHECK(chosen.body_bytes_max == 1000);
  CHECK(chosen.cors_origins
        == std::vector<std::string>{"http://a", "http://b"});
  CHECK(chosen.level == heddle::log_level::warning);
  CHECK(chosen.format == log_format::json);

  auto both
    = choose({}, {{"N_JOBS_PER_WORKER", "3"}, {"HEDDLE_JOBS_PER_WORKER", "4"}});
  CHECK(both.value().server.jobs_per_worker == 4);
}

TEST_CASE("an unknown flag is refused with a hint", "[app]") {
  auto asked = read({"serve", "--prot", "1"});
  CHECK(asked.what == command::kind::wrong);
  CHECK_THAT(asked.text,
             Contains("unknown option --prot. Did you mean --port?"));
  asked = read({"serve", "--stop-grase=1s"});
  CHECK(asked.what == command::kind::wrong);
  CHECK_THAT(asked.text, Contains("Did you mean --stop-grace?"));
  CHECK(read({"serve", "extra"}).what == command::kind::wrong);
  CHECK(read({}).what == command::kind::wrong);
  CHECK(read({"serv"}).what == command::kind::wrong);
}

TEST_CASE("an unknown HEDDLE_ variable is refused with a hint", "[app]") {
  auto chosen = choose({}, {{"HEDDLE_PROT", "1"}});
  REQUIRE(chosen.has_error());
  CHECK(chosen.error().detail
        == "unknown variable HEDDLE_PROT. Did you mean HEDDLE_PORT?");
  CHECK(choose({}, {{"HEDDLE_TEST_ANYTHING", "1"}}).has_value());
  CHECK(choose({}, {{"HEDDLEDON", "1"}}).has_value());
}

TEST_CASE("a bad value is refused where it was given", "[app]") {
  auto chosen = choose({}, {{"BG_JOB_MAX_RETRIES", "many"}});
  REQUIRE(chosen.has_error());
  CHECK_THAT(chosen.error().detail, StartsWith("BG_JOB_MAX_RETRIES=many: "));
  chosen = choose({"--stop-grace", "soon"}, {});
  REQUIRE(chosen.has_error());
  CHECK_THAT(chosen.error().detail, StartsWith("--stop-grace=soon: "));
  CHECK(choose({"--port", "65536"}, {}).has_error());
  CHECK(choose({"--workers", "0"}, {}).has_error());
  CHECK(choose({"--stop-grace", "0s"}, {}).has_error());
  CHECK(choose({"--log-format", "xml"}, {}).has_error());
  CHECK(choose({"--log-level", "loud"}, {}).has_error());
  CHECK(choose({}, {{"HEDDLE_INSECURE", "maybe"}}).has_error());
}

TEST_CASE("variables that must not be ignored are refused", "[app]") {
  CHECK(choose({}, {{"LANGGRAPH_AUTH_TYPE", "langsmith"}}).has_error());
  CHECK(choose({}, {{"LANGGRAPH_AES_KEY", "k"}}).has_error());
  CHECK(choose({}, {{"LANGGRAPH_AUTH_TYPE", "noop"}}).has_value());
  CHECK(choose({}, {{"LANGGRAPH_AUTH", ""}}).has_value());
}

TEST_CASE("help shows every option with its variables", "[app]") {
  auto asked = read({"serve", "--help"});
  REQUIRE(asked.what == command::kind::print);
  CHECK_THAT(asked.text, Contains("Usage: heddle serve"));
  std::set<std::string> variables;
  for (const auto& each : option_table()) {
    CHECK_THAT(asked.text, Contains(std::string{each.flag}));
    CHECK_THAT(asked.text, Contains(variable_of(each)));
    variables.insert(variable_of(each));
  }
  CHECK(variables.size() == option_table().size());
  CHECK(read({"--version"}).text == "heddle " HEDDLE_VERSION "\n");
}

TEST_CASE("the defaults that help shows are the ones that hold", "[app]") {
  settings plain;
  for (const auto& each : option_table()) {
    if (std::ranges::any_of(std::string_view{"0123456789"}, [&](char c) {
          return each.shown.starts_with(c);
        })) {
      settings same = plain;
      INFO(each.flag);
      REQUIRE(each.set(same, each.shown).has_value());
      CHECK(same.port == plain.port);
      CHECK(same.body_bytes_max == plain.body_bytes_max);
      CHECK(same.header_bytes_max == plain.header_bytes_max);
      CHECK(same.connections_max == plain.connections_max);
      CHECK(same.header_timeout == plain.header_timeout);
      CHECK(same.body_timeout == plain.body_timeout);
      CHECK(same.idle_timeout == plain.idle_timeout);
      CHECK(same.write_timeout == plain.write_timeout);
      CHECK(same.server.stop_grace == plain.server.stop_grace);
      CHECK(same.server.shutdown_grace == plain.server.shutdown_grace);
      CHECK(same.server.run_timeout == plain.server.run_timeout);
      CHECK(same.server.strikes_max == plain.server.strikes_max);
      CHECK(same.server.resumable_ttl == plain.server.resumable_ttl);
      CHECK(same.server.resumable_bytes_max
            == plain.server.resumable_bytes_max);
      CHECK(same.server.jobs_per_worker == plain.server.jobs_per_worker);
      CHECK(same.server.runs_per_thread_max
            == plain.server.runs_per_thread_max);
    }
  }
}

TEST_CASE("README lists every option as it is", "[app]") {
  std::ifstream in{HEDDLE_SOURCE_DIR "/README.md"};
  std::string readme{std::istreambuf_iterator<char>{in}, {}};
  for (const auto& each : option_table()) {
    auto row = "| `" + std::string{each.flag};
    if (!each.placeholder.empty())
      row += " " + std::string{each.placeholder};
    if (auto bar = row.rfind('|'); bar > 0)
      row.insert(bar, "\\");
    row += "` | " + std::string{each.shown} + " | " + std::string{each.help};
    if (!each.alias.empty())
      row += " (`" + std::string{each.alias} + "`)";
    CHECK_THAT(readme, Contains(row + " |\n"));
  }
}
