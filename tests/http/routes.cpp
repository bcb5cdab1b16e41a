#include "http/routes.hpp"
#include "tests/http/loopback.hpp"

#include <nlohmann/json.hpp>

#include <set>

// Which path meets what, and what every answer has.

using namespace heddle;
using namespace heddle::test;

namespace {

/// The pattern with ids for its parameters.
std::string fill(std::string_view pattern) {
  std::string path;
  for (std::size_t i = 0; i < pattern.size(); ++i)
    if (pattern[i] == '{') {
      path += run_text;
      i = pattern.find('}', i);
    } else {
      path += pattern[i] == '*' ? 'x' : pattern[i];
    }
  return path;
}

std::string name(http::verb method) {
  auto text = boost::beast::http::to_string(method);
  return {text.data(), text.size()};
}

http_options described() {
  http_options opts;
  opts.openapi_file = HEDDLE_SOURCE_DIR "/http/openapi.json";
  return opts;
}

} // namespace

TEST_CASE("every route of the table is reached by its method and path",
          "[http][routes]") {
  loopback side{described()};
  for (const auto& route : http::routes()) {
    auto path = fill(route.pattern);
    INFO(name(route.method) << ' ' << path);
    auto got = side.ask(name(route.method), path);
    CHECK(got.status != 404);
    CHECK(got.status != 405);
    CHECK((got.status == 501) == !http::is_built(route));
    CHECK(got.header("vary") == "Origin");
    CHECK(got.has("date"));
    if (got.status == 501) {
      CHECK_THAT(got.body, Contains("not built"));
    }
  }
}

TEST_CASE("the description of the API names what is built, and no more",
          "[http][routes]") {
  loopback side{described()};
  auto got = nlohmann::json::parse(side.ask("GET", "/openapi.json").body);
  std::set<std::string> said;
  for (const auto& [path, methods] : got["paths"].items())
    for (const auto& [method, operation] : methods.items())
      said.insert(method + ' ' + path);
  std::set<std::string> built;
  for (const auto& route : http::routes())
    if (http::is_built(route) && route.pattern != "/"
        && route.pattern != "/openapi.json") {
      auto method = name(route.method);
      for (auto& c : method)
        c = static_cast<char>(std::tolower(c));
      built.insert(method + ' ' + std::string{route.pattern});
    }
  CHECK(said == built);
}

TEST_CASE("unknown paths and methods are told apart", "[http][routes]") {
  loopback side;
  struct row {
    const char* method;
    std::string path;
    unsigned status;
    const char* allow;
  };
  const auto thread = "/threads/" + thread_text;
  for (const auto& [method, path, status, allow] : {
         row{"GET", "/nowhere", 404, ""},
         row{"POST", "/nowhere/at/all", 404, ""},
         row{"GET", "/runs/" + run_text + "/stream", 404, ""},
         row{"GET", "//ok", 404, ""},
         row{"GET", "/threads//runs", 404, ""},
         row{"GET", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n", 404, ""},
         row{"PATCH", thread + "/state", 405, "GET, HEAD, POST"},
         row{"PUT", thread, 405, "DELETE, GET, HEAD, PATCH"},
         row{"DELETE", "/ok", 405, "GET, HEAD"},
         row{"OPTIONS", "/threads", 405, "POST"},
         row{"GET", "/info/", 404, ""},
         row{"GET", "/ok/", 404, ""},
       }) {
    INFO(method << ' ' << path);
    auto got = side.ask(method, path);
    CHECK(got.status == status);
    CHECK(got.header("allow") == allow);
    CHECK(got.body
          == (status == 404 ? R"({"detail":"Not Found"})"
                            : R"({"detail":"Method Not Allowed"})"));
  }
}

TEST_CASE("a slash at the end of an API path is redirected", "[http][routes]") {
  loopback side;
  for (std::string path : {"/threads", "/mcp", "/runs/cancel"}) {
    auto got = side.ask("POST", path + "/");
    CHECK(got.status == 307);
    CHECK(got.header("location") == "http://localhost" + path);
  }
}

TEST_CASE("a name is taken for an id where only an id has the method",
          "[http][routes]") {
  loopback side;
  CHECK(side.ask("GET", "/threads/search").body
        == R"({"detail":"Invalid thread ID: must be a UUID"})");
  CHECK(side.ask("GET", "/assistants/search").body
        == R"({"detail":"Invalid assistant ID: must be a UUID"})");
  CHECK(side.ask("GET", "/threads/" + thread_text + "/runs/stream").body
        == R"({"detail":"Invalid run ID: must be a UUID"})");
}

TEST_CASE("HEAD answers as GET does, without the body", "[http][routes]") {
  loopback side;
  auto peer = side.connect();
  peer.request("HEAD", "/ok");
  auto got = peer.read_head_only();
  CHECK(got.status == 200);
  CHECK(got.header("content-length") == "25");
  peer.request("GET", "/ok"); // Nothing of a body is in the way.
  CHECK(peer.read().body == R"({"ok":true,"services":{}})");
}

TEST_CASE("health says when the server stops", "[http][system]") {
  loopback side;
  side.lines.metrics = [](auto done) { done(metrics_snapshot{}); };
  CHECK(side.ask("GET", "/").body == R"({"ok":true,"services":{}})");
  CHECK(side.ask("GET", "/ok?check_db=0").status == 200);
  CHECK(side.ask("GET", "/ok?check_db=1").status == 500);
  auto got = side.ask("GET", "/ok?check_db=x");
  CHECK(got.status == 400);
  CHECK(got.body
        == R"({"detail":"invalid literal for int() with base 10: 'x'"})");
  side.lines.accepting = false;
  CHECK(side.ask("GET", "/ok").status == 503);
  CHECK(side.ask("GET", "/metrics").status == 200);
  got = side.ask("POST", "/runs/cancel", R"({"status":"all"})");
  CHECK(got.status == 503);
  CHECK(got.header("retry-after") == "1");
  CHECK(got.header("connection") == "close");
}

TEST_CASE("pages say whether there is another one", "[http][routes]") {
  loopback side;
  std::size_t rows = 0;
  side.lines.search_assistants = [&](const assistant_query& what, auto done) {
    CHECK(what.limit == 2);
    assistant_record row;
    row.config = row.context = row.metadata = json_text{"{}"};
    done(std::vector<assistant_record>(rows, row));
  };
  auto search = [&] {
    return side.ask("POST", "/assistants/search", R"({"limit":2,"offset":4})");
  };
  rows = 3; // One more than was asked for.
  auto got = search();
  CHECK(got.header("x-pagination-next") == "6");
  CHECK(got.header("x-pagination-total") == "7");
  CHECK(got.body.find("assistant_id") != got.body.rfind("assistant_id"));
  rows = 1;
  got = search();
  CHECK_FALSE(got.has("x-pagination-next"));
  CHECK(got.header("x-pagination-total") == "5");
}

TEST_CASE("a list of runs is checked before it is asked for",
          "[http][routes]") {
  loopback side;
  run_query asked;
  side.lines.list_runs = [&](const run_query& what, auto done) {
    asked = what;
    done(std::vector<run_record>(3, a_run_record()));
  };
  const auto path = "/threads/" + thread_text + "/runs";
  CHECK(side.ask("GET", path + "?limit=abc").status == 400);
  CHECK(side.ask("GET", path + "?limit=-1").status == 422);
  auto got = side.ask("GET", path + "?select=run_id&select=bogus");
  CHECK(got.status == 422);
  CHECK_THAT(got.body, StartsWith(R"({"detail":"Invalid select columns: )"
                                  R"(['bogus']. Expected: {)"));
  got
    = side.ask("GET", path + "?limit=2&offset=1&status=running&select=run_id");
  CHECK(got.status == 200);
  CHECK(got.body
        == "[{\"run_id\":\"" + run_text + "\"},{\"run_id\":\"" + run_text
             + "\"}]");
  CHECK(asked.offset == 1);
  CHECK(asked.status == run_status::running);
  CHECK(side.ask("GET", path + "?status=nonsense").body == "[]");
}

TEST_CASE("threads answer as the API has it", "[http][routes]") {
  loopback side;
  thread_record record;
  record.id = a_thread();
  record.metadata = record.config = json_text{"{}"};
  const auto path = "/threads/" + thread_text;
  side.lines.patch_thread = [&](const auto&, auto done) { done(record); };
  CHECK(side.ask("PATCH", path, "{}").status == 200);
  auto got = side.ask("PATCH", path, "{}", "Prefer: return=minimal\r\n");
  CHECK(got.status == 204);
  CHECK(got.body.empty());
  side.lines.delete_thread = [](auto, auto done) { done(result<void>{}); };
  CHECK(side.ask("DELETE", path).status == 204);
  side.lines.create_thread = [](const auto&, auto done) {
    done(error{errc::made_in_part,
               "Thread x was created, but there were problems updating the "
               "state: y"});
  };
  got = side.ask("POST", "/threads", "{}");
  CHECK(got.status == 201);
  CHECK_THAT(got.body, StartsWith(R"({"detail":"Thread x was created, but)"));
}

TEST_CASE("history takes its numbers from the query", "[http][routes]") {
  loopback side;
  history_search asked;
  side.lines.get_history = [&](history_search what, auto done) {
    asked = std::move(what);
    done(json_text{"[]"});
  };
  const auto path = "/threads/" + thread_text + "/history";
  auto got = side.ask("GET", path + "?limit=x");
  CHECK(got.status == 422);
  CHECK(got.body == R"({"detail":"Invalid limit x"})");
  CHECK(side.ask("GET", path).body == "[]");
  CHECK(asked.limit == 1);
  side.ask("GET", path + "?limit=5&before=abc");
  CHECK(asked.limit == 5);
  CHECK(asked.before == "abc");
}

TEST_CASE("what failed inside is for the log, not for the client",
          "[http][routes]") {
  http_options opts;
  slot<std::string> logged;
  opts.on_failure
    = [&](std::string_view text) { logged.put(std::string{text}); };
  loopback side{opts};
  side.lines.get_thread = [](auto, auto done) {
    done(error{errc::internal, "SELECT secret FROM thread"});
  };
  auto got = side.ask("GET", "/threads/" + thread_text);
  CHECK(got.status == 500);
  CHECK(got.body == R"({"detail":"Internal Server Error"})");
  CHECK(logged.take() == "SELECT secret FROM thread");
}

TEST_CASE("an unknown field of a run is told once", "[http][routes]") {
  http_options opts;
  std::vector<std::string> told;
  opts.on_unknown_field
    = [&](std::string_view name) { told.emplace_back(name); };
  loopback side{opts};
  side.lines.create_run = [](auto, auto, auto, auto, auto done) {
    done(server::created_run{a_run_record(), {}});
  };
  for (int i = 0; i < 2; ++i) {
    auto got = side.ask("POST", "/threads/" + thread_text + "/runs",
                        R"({"assistant_id":"agent","colour":"red"})");
    CHECK(got.status == 200);
    CHECK(got.header("content-location") == run_route);
  }
  CHECK(told == std::vector<std::string>{"colour"});
}

TEST_CASE("each answer is told to the access log", "[http][routes]") {
  http_options opts;
  slot<std::string> line;
  opts.on_access = [&](const access_record& r) {
    line.put(std::string{r.method} + ' ' + std::string{r.path} + ' '
             + std::string{r.route} + ' ' + std::to_string(r.status) + ' '
             + std::string{r.request_id});
  };
  loopback side{opts};
  side.ask("GET", "/threads/x?y=z", {}, "X-Request-Id: a.B_1-\r\n");
  CHECK(line.take() == "GET /threads/x /threads/{thread_id} 422 a.B_1-");
  side.ask("GET", "/ok", {}, "X-Request-Id: a b\r\n");
  CHECK(line.take() == "GET /ok /ok 200 ");
}
