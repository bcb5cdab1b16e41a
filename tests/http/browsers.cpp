#include "tests/http/loopback.hpp"

// What browsers need, and keys.

using namespace heddle;
using namespace heddle::test;

namespace {

const std::string origin = "Origin: https://app.example\r\n";

const std::string preflight = origin
                              + "Access-Control-Request-Method: POST\r\n"
                                "Access-Control-Request-Headers: "
                                "content-type,x-api-key\r\n";

} // namespace

TEST_CASE("a preflight is answered as the API does", "[http][cors]") {
  http_options opts;
  opts.api_keys = {"secret"}; // A preflight never carries a key.
  loopback side{opts};
  auto got = side.ask("OPTIONS", "/runs/stream", {}, preflight);
  CHECK(got.status == 200);
  CHECK(got.body == "OK");
  CHECK(got.header("content-type") == "text/plain; charset=utf-8");
  CHECK(got.header("access-control-allow-origin") == "*");
  CHECK(got.header("access-control-allow-methods")
        == "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT, QUERY");
  CHECK(got.header("access-control-max-age") == "600");
  CHECK(got.header("access-control-allow-headers") == "content-type,x-api-key");
  CHECK(got.header("vary") == "Origin");
  CHECK_FALSE(got.has("access-control-allow-credentials"));
}

TEST_CASE("a preflight for what is not allowed says what", "[http][cors]") {
  http_options opts;
  opts.cors_origins = {"https://ours.example"};
  loopback side{opts};
  auto got = side.ask("OPTIONS", "/runs", {}, preflight);
  CHECK(got.status == 400);
  CHECK(got.body == "Disallowed CORS origin");
  CHECK_FALSE(got.has("access-control-allow-origin"));
  got = side.ask("OPTIONS", "/runs", {},
                 "Origin: https://ours.example\r\n"
                 "Access-Control-Request-Method: BREW\r\n"
                 "Access-Control-Request-Private-Network: true\r\n");
  CHECK(got.status == 400);
  CHECK(got.body == "Disallowed CORS method, private-network");
}

TEST_CASE("the private network is refused", "[http][cors]") {
  loopback side;
  auto got
    = side.ask("OPTIONS", "/runs", {},
               preflight + "Access-Control-Request-Private-Network: true\r\n");
  CHECK(got.status == 400);
  CHECK(got.body == "Disallowed CORS private-network");
}

TEST_CASE("answers to a page show what it may read", "[http][cors]") {
  loopback side;
  for (const auto* path : {"/ok", "/nowhere"}) {
    auto got = side.ask("GET", path, {}, origin);
    CHECK(got.header("access-control-allow-origin") == "*");
    CHECK(got.header("access-control-expose-headers")
          == "x-pagination-total, x-pagination-next, content-location");
    CHECK_FALSE(side.ask("GET", path).has("access-control-allow-origin"));
  }
}

TEST_CASE("a chosen origin is named, others are not", "[http][cors]") {
  http_options opts;
  opts.cors_origins = {"https://app.example"};
  loopback side{opts};
  CHECK(side.ask("GET", "/ok", {}, origin).header("access-control-allow-origin")
        == "https://app.example");
  CHECK_FALSE(side.ask("GET", "/ok", {}, "Origin: https://evil.example\r\n")
                .has("access-control-allow-origin"));
}

TEST_CASE("with keys, every route but /ok needs one", "[http][keys]") {
  http_options opts;
  opts.api_keys = {"old secret", "new secret"};
  loopback side{opts};
  for (const auto* path :
       {"/", "/info", "/metrics", "/threads/x", "/nowhere"}) {
    INFO(path);
    auto got = side.ask("GET", path);
    CHECK(got.status == 403);
    CHECK(got.body == R"({"detail":"Missing authentication headers"})");
    for (const auto* wrong :
         {"secret", "old secre", "old secret2", "OLD SECRET"}) {
      got = side.ask("GET", path, {},
                     "X-Api-Key: " + std::string{wrong} + "\r\n");
      CHECK(got.status == 403);
    }
    CHECK(side.ask("GET", path, {}, "X-Api-Key: new secret\r\n").status != 403);
    CHECK(side.ask("GET", path, {}, "x-api-key: old secret\r\n").status != 403);
  }
  CHECK(side.ask("GET", "/ok").status == 200);
}

TEST_CASE("a key is asked for before a body is read", "[http][keys]") {
  http_options opts;
  opts.api_keys = {"secret"};
  loopback side{opts};
  auto peer = side.connect();
  peer.send("POST /runs/cancel HTTP/1.1\r\nHost: a\r\n"
            "Content-Length: 30000000\r\n\r\n");
  auto got = peer.read();
  CHECK(got.status == 403);
  CHECK(peer.ends());
}

TEST_CASE("a key that cannot be one is refused at start", "[http][keys]") {
  script lines;
  auto srv = make_server(lines);
  runtime rt{1};
  http_options opts;
  opts.port = 0;
  opts.api_keys = {""};
  auto made = listen_on(rt, *srv, opts);
  REQUIRE_FALSE(made.has_value());
  CHECK(made.error().code == errc::invalid_argument);
  rt.stop();
}
