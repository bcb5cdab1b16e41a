#include "core/cancel_texts.hpp"
#include "core/error_json.hpp"
#include "heddle/render.hpp"
#include "heddle/stream.hpp"
#include "tests/catch.hpp"

using namespace heddle;

namespace {

run_id numbered_run(int n) {
  auto digits = std::to_string(n);
  return *run_id::parse(std::string(32 - digits.size(), '0') + digits);
}

const auto when = from_micros(1'785'585'600'123'456); // 2026-08-01

run_record sample_run() {
  run_record run;
  run.id = numbered_run(1);
  run.created = when;
  run.updated = when;
  run.status = run_status::running;
  run.metadata = json_text{R"({"a":1.50})"};
  run.kwargs = json_text{R"({"input":1e5})"};
  return run;
}

constexpr auto nil = "00000000-0000-0000-0000-000000000000";

} // namespace

TEST_CASE("times are printed as the API prints them", "[core][time]") {
  CHECK(format_time(when) == "2026-08-01T12:00:00.123456+00:00");
  CHECK(format_time(from_micros(0)) == "1970-01-01T00:00:00.000000+00:00");
  CHECK(format_time(from_micros(-1)) == "1969-12-31T23:59:59.999999+00:00");
  CHECK(format_time(from_micros(1'709'164'800'000'007))
        == "2024-02-29T00:00:00.000007+00:00");
}

TEST_CASE("every status has its word and no other", "[core][run]") {
  for (const char* word :
       {"pending", "running", "success", "error", "timeout", "interrupted"})
    CHECK(to_string(parse_run_status(word).value()) == word);
  CHECK(!parse_run_status("Pending"));
  for (const char* word : {"idle", "busy", "interrupted", "error"})
    CHECK(to_string(parse_thread_status(word).value()) == word);
  CHECK(!parse_thread_status("pending"));
  CHECK(to_string(multitask_strategy::enqueue) == "enqueue");
  CHECK(to_string(multitask_strategy::reject) == "reject");
  CHECK(to_string(durability::exit) == "exit");
}

TEST_CASE("an unknown cancel action is an interrupt", "[core][cancel]") {
  CHECK(parse_cancel_action("rollback") == cancel_action::rollback);
  for (const char* text : {"", "interrupt", "ROLLBACK", "bogus"})
    CHECK(parse_cancel_action(text) == cancel_action::interrupt);
}

TEST_CASE("an event is one frame, whatever is in it", "[core][stream]") {
  auto plain = make_event("values", json_text{R"({"a":1})"});
  CHECK(plain->wire == "event: values\r\ndata: {\"a\":1}\r\n\r\n");
  auto full = make_event("values|node:id", json_text{"1"}, "17-0");
  CHECK(full->wire == "event: values|node:id\r\ndata: 1\r\nid: 17-0\r\n\r\n");
  auto hostile = make_event(std::string("a\r\nb\0c\n", 7),
                            json_text{"{\r\n\"a\":\n[1,\r2]}"}, "1\r\n-0");
  CHECK(hostile->name == "abc");
  CHECK(hostile->id == "1-0");
  CHECK(hostile->wire
        == "event: abc\r\ndata: {  \"a\": [1, 2]}\r\nid: 1-0\r\n\r\n");
}

TEST_CASE("a filter of modes lets pass what it names", "[core][stream]") {
  struct row {
    const char* name;
    std::vector<std::string> modes;
    bool passes;
  };
  const row rows[] = {
    {"values", {}, true},
    {"values", {"values"}, true},
    {"values", {"updates"}, false},
    {"values|a:1", {"values"}, true},
    {"values|a:1", {"values|a:1"}, true},
    {"values|a:1", {"values|b:1"}, false},
    {"messages/partial", {"messages"}, true},
    {"messages/partial", {"messages-tuple"}, true},
    {"messages", {"messages-tuple"}, true},
    {"messages/partial", {"values"}, false},
    {"valuesx", {"values"}, false},
    {"error", {"values"}, false},
    {"custom", {"values", "custom"}, true},
  };
  for (const auto& row : rows) {
    INFO(row.name);
    CHECK(passes_modes(row.name, row.modes) == row.passes);
  }
}

TEST_CASE("a run is shown in the order of the API", "[core][render]") {
  auto run = sample_run();
  std::string id = "00000000-0000-0000-0000-000000000001";
  CHECK(to_json(run)
        == "{\"run_id\":\"" + id + "\",\"thread_id\":\"" + nil
             + "\",\"assistant_id\":\"" + nil
             + "\",\"metadata\":{\"a\":1.50},\"status\":\"running\","
               "\"kwargs\":{\"input\":1e5},\"multitask_strategy\":"
               "\"enqueue\","
               "\"created_at\":\"2026-08-01T12:00:00.123456+00:00\","
               "\"updated_at\":\"2026-08-01T12:00:00.123456+00:00\","
               "\"langsmith_session_name\":null}");
  CHECK(to_json(run, {"cancel_reason"}) == R"({"cancel_reason":null})");
  run.cancel_reason = "why \"so\"";
  CHECK(to_json(run, {"cancel_reason", "run_id", "nothing"})
        == "{\"run_id\":\"" + id + R"(","cancel_reason":"why \"so\""})");
}

TEST_CASE("an assistant is shown in the order of the API", "[core][render]") {
  assistant_record assistant;
  assistant.graph = "agent";
  assistant.created = when;
  assistant.updated = when;
  assistant.name = "n";
  CHECK(to_json(assistant)
        == std::string{"{\"assistant_id\":\""} + nil
             + "\",\"graph_id\":\"agent\",\"config\":{},\"context\":{},"
               "\"metadata\":{},\"name\":\"n\","
               "\"created_at\":\"2026-08-01T12:00:00.123456+00:00\","
               "\"updated_at\":\"2026-08-01T12:00:00.123456+00:00\","
               "\"version\":1,\"description\":null}");
  assistant.description = json_text{"\"d\""};
  CHECK(to_json(assistant, {"description"}) == R"({"description":"d"})");
}

TEST_CASE("a thread shows interrupts and error only after a state",
          "[core][render]") {
  thread_record thread;
  thread.created = thread.updated = thread.state_updated = when;
  std::string time = "\"2026-08-01T12:00:00.123456+00:00\"";
  auto head = std::string{"{\"thread_id\":\""} + nil + "\",\"created_at\":"
              + time + ",\"updated_at\":" + time + ",\"state_updated_at\":"
              + time + ",\"metadata\":{},\"status\":\"idle\",\"config\":{},";
  CHECK(to_json(thread) == head + "\"values\":null}");
  thread.values = json_text{R"({"n":[1,{"c":"x"}]})"};
  thread.interrupts = json_text{"{}"};
  thread.error = json_text{"null"};
  CHECK(to_json(thread)
        == head
             + R"("values":{"n":[1,{"c":"x"}]},"error":null,"interrupts":{}})");
}

TEST_CASE("a search can take single values out of a thread", "[core][render]") {
  thread_record thread;
  thread.values = json_text{R"({"n":[1,{"c":"x"}],"k":{"a.b":1}})"};
  thread.metadata = json_text{R"({"m":true})"};
  CHECK(to_json(thread, {"status"},
                {{"last", "values.n[-1].c"},
                 {"first", "values.n[0]"},
                 {"far", "values.n[7]"},
                 {"wrong", "values.n.c"},
                 {"all", "metadata"},
                 {"none", "config.x"}})
        == R"({"status":"idle","extracted":{"last":"x","first":1,)"
           R"("far":null,"wrong":null,"all":{"m":true},"none":null}})");
}

TEST_CASE("a receipt says what was met", "[core][render]") {
  cancel_receipt receipt;
  CHECK(to_json(receipt) == R"({"matched":0,"runs":[],"truncated":false})");
  receipt.matched = 1;
  receipt.truncated = true;
  receipt.runs
    = {{numbered_run(1), thread_id{numbered_run(9).bytes()},
        run_status::running, cancel_receipt::outcome::stopping},
       {numbered_run(2), {}, std::nullopt, cancel_receipt::outcome::not_found}};
  CHECK(to_json(receipt)
        == R"({"matched":1,"runs":[{"run_id":)"
           R"("00000000-0000-0000-0000-000000000001","thread_id":)"
           R"("00000000-0000-0000-0000-000000000009","was":"running",)"
           R"("outcome":"stopping"},{"run_id":)"
           R"("00000000-0000-0000-0000-000000000002","thread_id":null,)"
           R"("was":null,"outcome":"not_found"}],"truncated":true})");
  using outcome = cancel_receipt::outcome;
  CHECK(to_string(outcome::interrupted) == "interrupted");
  CHECK(to_string(outcome::rolled_back) == "rolled_back");
  CHECK(to_string(outcome::finished) == "finished");
}

TEST_CASE("reasons of cancels are the texts of the API", "[core][cancel]") {
  using kind = cancel_cause::kind;
  constexpr auto interrupt = cancel_action::interrupt;
  constexpr auto rollback = cancel_action::rollback;
  CHECK(core::cancel_reason({kind::run_route}, interrupt)
        == "interrupt requested via POST "
           "/threads/{thread_id}/runs/{run_id}/cancel");
  CHECK(core::cancel_reason({kind::run_route, true}, rollback)
        == "taken:rollback requested via POST "
           "/threads/{thread_id}/runs/{run_id}/cancel");
  CHECK(core::cancel_reason({kind::bulk_route}, rollback)
        == "rollback requested via POST /runs/cancel");
  CHECK(core::cancel_reason({kind::disconnect}, interrupt)
        == "client disconnected from the run stream (on_disconnect=cancel)");
  CHECK(core::superseded_reason(numbered_run(3), rollback)
        == "superseded by run 00000000-0000-0000-0000-000000000003 "
           "(multitask_strategy=rollback)");
  CHECK(core::assistant_deleted_reason()
        == "interrupt requested via DELETE /assistants/{assistant_id}");
  CHECK(core::run_deleted_reason()
        == "rollback requested via DELETE "
           "/threads/{thread_id}/runs/{run_id}");
  CHECK(core::thread_deleted_reason()
        == "rollback requested via DELETE /threads/{thread_id}");
}

TEST_CASE("the two ways of nothing to cancel differ in text",
          "[core][cancel]") {
  CHECK(core::no_runs_found()
        == error{errc::not_found, "No runs found to cancel."});
  CHECK(core::no_matching_runs()
        == error{errc::not_found,
                 "No matching runs to cancel. Please verify the thread ID and "
                 "run IDs are correct, and the runs haven't been deleted or "
                 "completed."});
}

TEST_CASE("an error is shown as name and message", "[core]") {
  CHECK(core::error_json("ValueError", "a \"b\"\n").view()
        == R"({"error":"ValueError","message":"a \"b\"\n"})");
}
