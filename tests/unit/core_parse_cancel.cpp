#include "heddle/requests.hpp"
#include "tests/catch.hpp"

using namespace heddle;

namespace {

constexpr const char* thread_text = "11111111-1111-4111-8111-111111111111";
constexpr const char* run_text = "22222222-2222-4222-8222-222222222222";

result<cancel_selector> parse_cancel(std::string body) {
  return parse_runs_cancel(
    std::make_shared<const std::string>(std::move(body)));
}

std::string cancel_refusal(std::string body) {
  auto got = parse_cancel(std::move(body));
  REQUIRE(got.has_error());
  CHECK(got.error().code == errc::invalid_argument);
  return got.error().detail;
}

/// `T` and `R` stand for a thread and a run.
std::string with_ids(std::string text) {
  for (auto [letter, id] : {std::pair{"<T>", thread_text}, {"<R>", run_text}}) {
    for (auto at = text.find(letter); at != std::string::npos;
         at = text.find(letter))
      text.replace(at, 3, id);
  }
  return text;
}

std::string failed(const std::string& what, const std::string& keyword,
                   const std::string& schema, const std::string& instance,
                   const std::string& value) {
  return value + what + "\n\nFailed validating \"" + keyword + "\" in schema"
         + schema + "\n\nOn instance" + instance + ":\n    " + value;
}

constexpr const char* none
  = " is not valid under any of the schemas listed in the 'oneOf' keyword";
constexpr const char* many
  = " is valid under more than one of the schemas listed in the 'oneOf' "
    "keyword";
constexpr const char* status_alone
  = "When providing a 'status', 'thread_id' and 'run_ids' must be omitted. The "
    "'status' parameter cancels all runs with the given status, regardless of "
    "thread or run ID.";

} // namespace

TEST_CASE("a cancel by status names statuses", "[core][parse][cancel]") {
  struct row {
    const char* body;
    bool pending;
    bool running;
  };
  const row rows[] = {
    {R"({"status":"pending"})", true, false},
    {R"({"status":"running"})", false, true},
    {R"({"status":"all"})", true, true},
    {R"({"status":"all","thread_id":""})", true, true},
    {R"({"status":"all","run_ids":[]})", true, true},
    {R"({"status":"running","status":"pending"})", true, false},
    {R"({"status":"all","action":"rollback","extra":[1]})", true, true},
  };
  for (const auto& row : rows) {
    INFO(row.body);
    auto got = parse_cancel(row.body);
    REQUIRE(got.has_value());
    auto status = std::get<cancel_by_status>(*got);
    CHECK(status.pending == row.pending);
    CHECK(status.running == row.running);
  }
}

TEST_CASE("a cancel by ids names a thread and its runs, each once",
          "[core][parse][cancel]") {
  auto got = parse_cancel(with_ids(R"({"thread_id":"<T>","run_ids":["<R>",
    "22222222222242228222222222222222","{<T>}"]})"));
  REQUIRE(got.has_value());
  const auto& ids = std::get<cancel_by_ids>(*got);
  CHECK(ids.thread.str() == thread_text);
  REQUIRE(ids.runs.size() == 2);
  CHECK(ids.runs[0].str() == run_text);
  CHECK(ids.runs[1].str() == thread_text);

  got = parse_cancel(with_ids(R"({"thread_id":"<T>","run_ids":[]})"));
  REQUIRE(got.has_value());
  CHECK(std::get<cancel_by_ids>(*got).runs.empty());
}

TEST_CASE("a cancel takes any number of ids", "[core][parse][cancel]") {
  std::string body = with_ids(R"({"thread_id":"<T>","run_ids":["<R>")");
  for (int i = 0; i < 100'000; ++i) {
    auto digits = std::to_string(i);
    body += ",\"" + std::string(32 - digits.size(), '0') + digits + '"';
  }
  auto got = parse_cancel(body + "]}");
  REQUIRE(got.has_value());
  CHECK(std::get<cancel_by_ids>(*got).runs.size() == 100'001);
}

TEST_CASE("a cancel is by status or by ids, not neither or both",
          "[core][parse][cancel]") {
  CHECK(cancel_refusal("{}") == failed(none, "oneOf", "", "", "{}"));
  auto only_thread = with_ids(R"({"thread_id":"<T>"})");
  CHECK(cancel_refusal(only_thread)
        == failed(none, "oneOf", "", "", only_thread));
  auto only_runs = with_ids(R"({"run_ids":["<R>"]})");
  CHECK(cancel_refusal(only_runs) == failed(none, "oneOf", "", "", only_runs));
  // The text shows the keys sorted, and no blanks.
  CHECK(cancel_refusal(with_ids(
          R"({"thread_id" : "<T>", "status":"all", "run_ids":[ "<R>" ]})"))
        == failed(many, "oneOf", "", "",
                  with_ids(R"({"run_ids":["<R>"],"status":"all",)"
                           R"("thread_id":"<T>"})")));
}

TEST_CASE("a status stands alone", "[core][parse][cancel]") {
  CHECK(cancel_refusal(with_ids(R"({"status":"all","thread_id":"<T>"})"))
        == status_alone);
  CHECK(cancel_refusal(with_ids(R"({"status":"all","run_ids":["<R>"]})"))
        == status_alone);
  CHECK(cancel_refusal(R"({"status":"all","thread_id":"no uuid"})")
        == status_alone);
}

TEST_CASE("a status is one of three words", "[core][parse][cancel]") {
  constexpr auto place = "[\"properties\"][\"status\"]";
  constexpr auto at = "[\"status\"]";
  for (const char* word : {"\"ALL\"", "\"success\"", "\"\""})
    CHECK(cancel_refusal(std::string{"{\"status\":"} + word + '}')
          == failed(R"( is not one of "pending", "running" or "all")", "enum",
                    place, at, word));
  for (const char* value : {"null", "1", "[\"all\"]", "{}", "true"})
    CHECK(cancel_refusal(std::string{"{\"status\":"} + value + '}')
          == failed(" is not of type \"string\"", "type", place, at, value));
}

TEST_CASE("ids of a cancel are UUIDs", "[core][parse][cancel]") {
  CHECK(cancel_refusal(with_ids(R"({"thread_id":"x","run_ids":["<R>"]})"))
        == "Invalid thread ID: must be a UUID");
  CHECK(cancel_refusal(with_ids(R"({"thread_id":"","run_ids":[]})"))
        == "Invalid thread ID: must be a UUID");
  CHECK(cancel_refusal(with_ids(R"({"thread_id":"<T>","run_ids":["<R>","x"]})"))
        == "Invalid run ID: must be a UUID");
}

TEST_CASE("ids of a cancel are texts in an array", "[core][parse][cancel]") {
  constexpr auto runs = "[\"properties\"][\"run_ids\"]";
  auto body = [](const std::string& ids) {
    return with_ids(R"({"thread_id":"<T>","run_ids":)" + ids + '}');
  };
  for (const char* value : {"\"x\"", "null", "{}", "7"})
    CHECK(cancel_refusal(body(value))
          == failed(" is not of type \"array\"", "type", runs, "[\"run_ids\"]",
                    value));
  CHECK(cancel_refusal(body("[1]"))
        == failed(" is not of type \"string\"", "type",
                  std::string{runs} + "[\"items\"]", "[\"run_ids\"][0]", "1"));
  CHECK(cancel_refusal(with_ids(R"({"thread_id":null,"run_ids":["<R>"]})"))
        == failed(" is not of type \"string\"", "type",
                  "[\"properties\"][\"thread_id\"]", "[\"thread_id\"]",
                  "null"));
}

TEST_CASE("the body of a cancel is an object", "[core][parse][cancel]") {
  for (const char* value : {"[1]", "\"all\"", "null", "1"})
    CHECK(cancel_refusal(value)
          == failed(" is not of type \"object\"", "type", "", "", value));
}

TEST_CASE("the body of a cancel is JSON", "[core][parse][cancel]") {
  for (const char* body :
       {"", "{", R"({"status":"all",})", "NaN",
        "\xEF\xBB\xBF{\"status\":\"all\"}", "{\"status\":\"\xFF\"}"})
    CHECK(cancel_refusal(body) == "Invalid JSON in request body");
  CHECK(parse_runs_cancel(nullptr).has_error());
}

TEST_CASE("a refusal does not repeat a body of any size",
          "[core][parse][cancel]") {
  auto text = cancel_refusal("{\"x\":\"" + std::string(1'000'000, 'a') + "\"}");
  CHECK(text.size() < 40'000);
}
