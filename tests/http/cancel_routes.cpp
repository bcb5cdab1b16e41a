#include "tests/http/loopback.hpp"

// The two cancel routes on the wire, row by row. What a cancel does is tested
// where it is decided; here it is what is asked of the server, and how its
// answer looks.

using namespace heddle;
using namespace heddle::test;
using namespace std::chrono_literals;

namespace {

const error no_match{errc::not_found,
                     "No matching runs to cancel. Please verify the thread ID "
                     "and run IDs are correct, and the runs haven't been "
                     "deleted or completed."};

/// Answers every cancel at once, and keeps what was asked.
struct cancelling : loopback {
  explicit cancelling(http_options opts = {}) : loopback(std::move(opts)) {
    lines.cancel = [this](cancel_request what, auto done) {
      asked = std::move(what);
      done(answer);
    };
  }

  auto cancel(const std::string& query) {
    return ask("POST", run_route + "/cancel" + query);
  }

  cancel_request asked;
  result<cancel_receipt> answer = cancel_receipt{};
};

} // namespace

TEST_CASE("a cancel is accepted without a body", "[http][cancel]") {
  cancelling side;
  auto got = side.cancel("");
  CHECK(got.status == 202);
  CHECK(got.header("content-length") == "0");
  CHECK(got.header("vary") == "Origin");
  CHECK_FALSE(got.has("content-type"));
  CHECK(got.body.empty());
  const auto* what = std::get_if<cancel_by_ids>(&side.asked.what);
  REQUIRE(what);
  CHECK(what->thread == a_thread());
  CHECK(what->runs == std::vector{a_run()});
  CHECK(side.asked.cause.what == cancel_cause::kind::run_route);
  CHECK_FALSE(side.asked.cause.taken);
}

TEST_CASE("the query of a cancel says what and when", "[http][cancel]") {
  cancelling side;
  struct row {
    const char* query;
    cancel_action action;
    answer_after after;
  };
  constexpr auto interrupt = cancel_action::interrupt;
  constexpr auto rollback = cancel_action::rollback;
  constexpr auto intent = answer_after::intent;
  constexpr auto effect = answer_after::effect;
  for (const auto& [query, action, after] : {
         row{"?action=rollback", rollback, intent},
         row{"?action=interrupt&wait=0", interrupt, intent},
         row{"?action=ROLLBACK", interrupt, intent},
         row{"?action=zap&wait=false", interrupt, intent},
         row{"?action=&wait=", interrupt, intent},
         row{"?action=interrupt&action=rollback", rollback, intent},
         row{"?action=rollback&action=interrupt", interrupt, intent},
         row{"?action=roll%62ack", rollback, intent},
         row{"?wait=1", interrupt, effect},
         row{"?wait=true&action=rollback", rollback, effect},
         row{"?wait=TRUE", interrupt, effect},
         row{"?wait=yes", interrupt, effect},
         row{"?wait=on", interrupt, intent},
         row{"?wait=1&wait=0", interrupt, intent},
       }) {
    INFO(query);
    auto got = side.cancel(query);
    CHECK(got.status == (after == effect ? 200 : 202));
    CHECK(side.asked.action == action);
    CHECK(side.asked.after == after);
  }
  side.cancel("?reason=taken");
  CHECK(side.asked.cause.taken);
}

TEST_CASE("a cancel that waits answers an empty object in a chunk",
          "[http][cancel]") {
  cancelling side;
  auto got = side.cancel("?wait=1");
  CHECK(got.status == 200);
  CHECK(got.header("content-type") == "application/json");
  CHECK(got.header("transfer-encoding") == "chunked");
  CHECK(got.header("location") == run_route + "/join");
  CHECK(got.header("content-location") == run_route);
  CHECK(got.body == "{}");
  CHECK(got.whole);
}

TEST_CASE("a long wait is kept alive by line feeds", "[http][cancel]") {
  http_options opts;
  opts.heartbeat = 30ms;
  cancelling side{opts};
  slot<server::callback<cancel_receipt>> answer;
  side.lines.cancel
    = [&](const cancel_request&, auto done) { answer.put(std::move(done)); };
  auto peer = side.connect();
  peer.request("POST", run_route + "/cancel?wait=1");
  auto done = answer.take();
  REQUIRE(done);
  CHECK(peer.read(/*to_head=*/true).status == 200);
  CHECK(peer.chunk() == "\n");
  CHECK(peer.chunk() == "\n");
  SECTION("until it is over") {
    (*done)(cancel_receipt{});
    auto last = peer.chunk();
    while (last == "\n")
      last = peer.chunk();
    CHECK(last == "{}");
    CHECK(peer.chunk() == "");
  }
  SECTION("and tells a failure in the document") {
    (*done)(error{errc::unavailable, "took too long"});
    auto last = peer.chunk();
    while (last == "\n")
      last = peer.chunk();
    CHECK(last
          == R"({"__error__":{"error":"HTTPException",)"
             R"("message":"503: took too long"}})");
  }
}

TEST_CASE("nothing to cancel is a plain 404, also with wait",
          "[http][cancel]") {
  cancelling side;
  auto wait = GENERATE(as<std::string>{}, "", "?wait=1");
  side.answer = error{errc::not_found, "No runs found to cancel."};
  auto got = side.cancel(wait);
  CHECK(got.status == 404);
  CHECK(got.header("content-type") == "application/json");
  CHECK(got.body == R"({"detail":"No runs found to cancel."})");
  side.answer = no_match;
  CHECK_THAT(side.cancel(wait).body,
             StartsWith(R"({"detail":"No matching runs to cancel. )"));
}

TEST_CASE("a cancel of what is no id is refused", "[http][cancel]") {
  cancelling side;
  auto got = side.ask("POST", "/threads/" + thread_text + "/runs/r/cancel");
  CHECK(got.status == 422);
  CHECK(got.body == R"({"detail":"Invalid run ID: must be a UUID"})");
  got = side.ask("POST", "/threads/t/runs/" + run_text + "/cancel");
  CHECK(got.status == 422);
  CHECK(got.body == R"({"detail":"Invalid thread ID: must be a UUID"})");
  // As the API reads ids: any case, no hyphens.
  got = side.ask("POST",
                 "/threads/0190B6A17E4C700080000000000000AA/runs/" + run_text
                   + "/cancel",
                 "garbage");
  CHECK(got.status == 202);
}

TEST_CASE("a cancel of many answers 204 and nothing else", "[http][cancel]") {
  cancelling side;
  auto got = side.ask("POST", "/runs/cancel?action=rollback", by_status);
  CHECK(got.status == 204);
  CHECK_FALSE(got.has("content-type"));
  CHECK_FALSE(got.has("content-length"));
  CHECK(std::holds_alternative<cancel_by_status>(side.asked.what));
  CHECK(side.asked.action == cancel_action::rollback);
  CHECK(side.asked.cause.what == cancel_cause::kind::bulk_route);
  CHECK_FALSE(side.asked.receipt);
  side.ask("POST", "/runs/cancel?wait=true", by_status);
  CHECK(side.asked.after == answer_after::effect);
}

TEST_CASE("a cancel of many says what it met if asked to", "[http][cancel]") {
  cancelling side;
  cancel_receipt receipt;
  receipt.matched = 1;
  receipt.runs.push_back({a_run(), a_thread(), run_status::running,
                          cancel_receipt::outcome::stopping});
  side.answer = receipt;
  SECTION("by preference") {
    auto got = side.ask("POST", "/runs/cancel", by_status,
                        "Prefer: respond-async, Return=Representation\r\n");
    CHECK(got.status == 200);
    CHECK(side.asked.receipt);
    CHECK_FALSE(side.asked.dry_run);
    CHECK_THAT(got.body, Contains(run_text));
  }
  SECTION("always, of a dry run") {
    auto got = side.ask("POST", "/runs/cancel?dry_run=true", by_status);
    CHECK(got.status == 200);
    CHECK(side.asked.dry_run);
    CHECK_THAT(got.body, StartsWith(R"({"matched":1,"runs":[{)"));
  }
}

TEST_CASE("a bad body cancels nothing", "[http][cancel]") {
  cancelling side;
  side.lines.cancel = nullptr; // Would answer 500.
  for (std::string body : {"", "{", "[1]", "{}", "null", R"({"status":"ALL"})",
                           R"({"thread_id":"x","run_ids":[]})"}) {
    INFO(body);
    auto got = side.ask("POST", "/runs/cancel", body);
    CHECK(got.status == 422);
    CHECK_THAT(got.body, StartsWith(R"({"detail":")"));
  }
  CHECK(side.ask("POST", "/runs/cancel").body
        == R"({"detail":"Invalid JSON in request body"})");
}

TEST_CASE("a wait for many that takes too long says when to ask again",
          "[http][cancel]") {
  cancelling side;
  side.answer = error{errc::unavailable, "The intents stand."};
  auto got = side.ask("POST", "/runs/cancel?wait=true", by_status);
  CHECK(got.status == 503);
  CHECK(got.header("retry-after") == "1");
}

TEST_CASE("other methods of the cancel routes are named", "[http][cancel]") {
  cancelling side;
  for (const auto& path : {run_route + "/cancel", std::string{"/runs/cancel"}})
    for (const auto* method : {"GET", "DELETE", "PUT"}) {
      auto got = side.ask(method, path);
      CHECK(got.status == 405);
      CHECK(got.header("allow") == "POST");
      CHECK(got.body == R"({"detail":"Method Not Allowed"})");
    }
  auto got = side.ask("POST", "/runs/cancel/?action=rollback", by_status);
  CHECK(got.status == 307);
  CHECK(got.header("location")
        == "http://localhost/runs/cancel?action=rollback");
}

TEST_CASE("a caller who leaves a wait withdraws only its waiting",
          "[http][cancel]") {
  cancelling side;
  slot<server::callback<cancel_receipt>> answer;
  side.lines.cancel
    = [&](const cancel_request&, auto done) { answer.put(std::move(done)); };
  side.lines.leave = [](const auto&, bool) { FAIL("nobody left a run"); };
  {
    auto peer = side.connect();
    peer.request("POST", run_route + "/cancel?wait=1");
    auto done = answer.take();
    REQUIRE(done);
    peer.close();
    (*done)(cancel_receipt{});
  }
  CHECK(side.ask("GET", "/ok").status == 200);
}

TEST_CASE("metrics show how long cancels took to answer", "[http][cancel]") {
  cancelling side;
  side.lines.metrics = [](auto done) { done(metrics_snapshot{}); };
  side.cancel("");
  side.cancel("?action=rollback&wait=1");
  side.ask("POST", "/runs/cancel", by_status);
  auto got = side.ask("GET", "/metrics");
  CHECK(got.header("content-type")
        == "text/plain; version=1.0.0; charset=utf-8");
  auto count = [](const char* route, const char* action) {
    return std::string{"heddle_cancel_answer_seconds_count{route=\""} + route
           + "\",action=\"" + action + "\"} 1\n";
  };
  CHECK_THAT(got.body, Contains(count("run", "interrupt")));
  CHECK_THAT(got.body, Contains(count("run", "rollback")));
  CHECK_THAT(got.body, Contains(count("bulk", "interrupt")));
  CHECK_THAT(side.ask("GET", "/metrics?format=json").body,
             Contains(R"({"method":"POST","path":"/runs/cancel",)"
                      R"("status":204,"count":1})"));
}
