#include "heddle/json_check.hpp"
#include "tests/unit/run_bodies.hpp"

using namespace heddle;
using namespace heddle::test;

namespace {

error run_refusal(const std::string& members,
                  run_kind kind = run_kind::stateful) {
  auto got = parse_run_create(run_body(members), kind);
  INFO(members);
  REQUIRE(got.has_error());
  return got.error();
}

} // namespace

TEST_CASE("a run needs only an assistant", "[core][parse][run]") {
  auto run = read_run("");
  CHECK(run.assistant == "agent");
  CHECK(run.input.empty());
  CHECK(run.stream_modes == std::vector<std::string>{"values"});
  CHECK(run.multitask == multitask_strategy::enqueue);
  CHECK(run.durability == durability::async);
  CHECK(!run.create_thread);
  CHECK(!run.keep);
  CHECK(!run.resumable);
  CHECK(!run.cancel_on_disconnect);
  CHECK(run.after.count() == 0);
  CHECK(run.unknown.empty());
}

TEST_CASE("all that a run can say is read", "[core][parse][run]") {
  auto run = read_run(R"("input":{"n":1.50},"command":{"resume":[1]},
    "metadata":{"m":1},"config":{"tags":["a"],"recursion_limit":7},
    "context":{"c":2},"webhook":"https://x.org/h","interrupt_before":"*",
    "interrupt_after":["a","b"],"stream_mode":["updates","messages-tuple"],
    "feedback_keys":["k"],"langsmith_tracer":{"project_name":"p"},
    "checkpoint":{"checkpoint_id":"1","checkpoint_ns":""},
    "checkpoint_id":"1ef4f797-8335-6428-8001-8a1503f9b875",
    "multitask_strategy":"rollback","if_not_exists":"create",
    "after_seconds":1.25,"durability":"sync","stream_subgraphs":true,
    "stream_resumable":true,"on_disconnect":"cancel")",
                      run_kind::stateful_followed);
  CHECK(run.input.view() == R"({"n":1.50})");
  CHECK(run.command.view() == R"({"resume":[1]})");
  CHECK(run.metadata.view() == R"({"m":1})");
  CHECK(run.config.view() == R"({"tags":["a"],"recursion_limit":7})");
  CHECK(run.context.view() == R"({"c":2})");
  CHECK(run.webhook == "https://x.org/h");
  CHECK(run.interrupt_before.view() == "\"*\"");
  CHECK(run.interrupt_after.view() == R"(["a","b"])");
  CHECK(run.stream_modes
        == std::vector<std::string>{"updates", "messages-tuple"});
  CHECK(run.feedback_keys.view() == R"(["k"])");
  CHECK(run.langsmith_tracer.view() == R"({"project_name":"p"})");
  CHECK(run.checkpoint.view() == R"({"checkpoint_id":"1","checkpoint_ns":""})");
  CHECK(run.checkpoint_id == "1ef4f797-8335-6428-8001-8a1503f9b875");
  CHECK(run.multitask == multitask_strategy::rollback);
  CHECK(run.create_thread);
  CHECK(run.after == std::chrono::milliseconds{1250});
  CHECK(run.durability == durability::sync);
  CHECK(run.subgraphs);
  CHECK(run.resumable);
  CHECK(run.cancel_on_disconnect);
  CHECK(run.unknown.empty());
}

TEST_CASE("fields that a kind of run does not have are ignored",
          "[core][parse][run]") {
  auto alone = read_run(R"("multitask_strategy":"x","if_not_exists":1,
    "checkpoint":null,"interrupt_before":1,"interrupt_after":["a"],
    "on_completion":"keep","on_disconnect":"x")",
                        run_kind::stateless);
  CHECK(alone.keep);
  CHECK(alone.multitask == multitask_strategy::enqueue);
  CHECK(alone.interrupt_before.empty());
  CHECK(alone.interrupt_after.view() == R"(["a"])");
  auto kept = read_run(R"("on_completion":"x","on_disconnect":1)");
  CHECK(!kept.keep);
  CHECK(!kept.cancel_on_disconnect);
}

TEST_CASE("who stays is told by the names of the schemas",
          "[core][parse][run]") {
  CHECK(run_refusal(R"("stream_mode":"x")", run_kind::stateful_followed).detail
        == "\"x\" is not valid under any of the schemas listed in the 'anyOf' "
           "keyword\n\nFailed validating \"anyOf\" in schema[\"components\"]"
           "[\"schemas\"][\"RunCreateStateful\"][\"properties\"]"
           "[\"stream_mode\"]\n\nOn instance[\"stream_mode\"]:\n    \"x\"");
  CHECK(
    run_refusal(R"("on_disconnect":"x")", run_kind::stateless_followed).detail
    == "\"x\" is not one of \"cancel\" or \"continue\"\n\nFailed "
       "validating \"enum\" in schema[\"allOf\"][1][\"properties\"]"
       "[\"on_disconnect\"]\n\nOn instance[\"on_disconnect\"]:\n    "
       "\"x\"");
}

TEST_CASE("payloads are slices of the body", "[core][parse][run]") {
  auto text = run_body((R"("input":{"big":12345678901234567890123})"));
  auto run = parse_run_create(text, run_kind::stateful);
  REQUIRE(run.has_value());
  auto input = run->input.view();
  CHECK(input.data() > text->data());
  CHECK(input.data() < text->data() + text->size());
}

TEST_CASE("a null payload is an absent one", "[core][parse][run]") {
  auto run = read_run(R"("input":null,"command":null)");
  CHECK(run.input.empty());
  CHECK(run.command.empty());
}

TEST_CASE("an input may be any JSON", "[core][parse][run]") {
  for (const char* value : {"[]", "\"\"", "0", "false", "{}"})
    CHECK(read_run(std::string{"\"input\":"} + value).input.view() == value);
}

TEST_CASE("unknown fields are accepted and told", "[core][parse][run]") {
  auto run = read_run(R"("foo":1,"input":2,"strict":{"a":[]})");
  CHECK(run.unknown == std::vector<std::string>{"foo", "strict"});
}

TEST_CASE("NUL in a payload becomes U+FFFD", "[core][parse][run]") {
  auto run = read_run(R"("input":{"a\u0000":"\u0000 \\u0000 \\\u0000"})");
  CHECK(run.input.view() == R"({"a\ufffd":"\ufffd \\u0000 \\\ufffd"})");
  CHECK(json_problem(run.input.view()) == std::nullopt);
}

TEST_CASE("NUL in the name of a setting is refused", "[core][parse][run]") {
  for (const char* members : {
         R"("config":{"a\u0000":1})",
         R"("config":{"configurable":{"\u0000":1}})",
         R"("config":{"configurable":{"x\\u0000":1}})",
         R"("context":{"\u0000":1})",
       }) {
    CHECK(run_refusal(members).code == errc::invalid_argument);
    CHECK(run_refusal(members).detail.find("must not contain NUL")
          != std::string::npos);
  }
  CHECK(read_run(R"("context":{"a":"\u0000"})").context.view()
        == R"({"a":"\ufffd"})");
}

TEST_CASE("what only the server says is taken out silently",
          "[core][parse][run]") {
  auto run = read_run(R"("metadata":{"run_id":"x","a":1,"thread_id":2,
    "assistant_id":3,"cron_id":4},
    "config":{"configurable":{"langgraph_auth_user":{"is":"root"},"b":2,
      "langgraph_auth_user_id":1,"langgraph_auth_permissions":[],
      "langgraph_request_id":1,"__langsmith_project__":1,
      "__langsmith_example_id__":1,"__request_start_time_ms__":1,
      "__after_seconds__":1,"__otel_traceparent__":1,"__otel_tracestate__":1,
      "__dd_trace_headers__":1,"__pregel_node_finished":1,"thread_id":"t"},
      "metadata":{"run_id":1,"c":3}})");
  CHECK(run.metadata.view() == R"({"a":1})");
  CHECK(run.config.view()
        == R"({"configurable":{"b":2,"thread_id":"t"},"metadata":{"c":3}})");
  CHECK(read_run(R"("context":{"langgraph_auth_user":1})").context.view()
        == "{}");
}

TEST_CASE("settings are given in one of two ways", "[core][parse][run]") {
  auto both
    = run_refusal(R"("config":{"configurable":{"a":1}},"context":{"b":1})");
  CHECK(both.code == errc::bad_request);
  CHECK(
    both.detail.starts_with("Cannot specify both configurable and context."));
  read_run(R"("config":{"configurable":{}},"context":{"b":1})");
  read_run(R"("config":{"configurable":{"a":1}},"context":{})");
}

TEST_CASE("a stateless run cannot resume", "[core][parse][run]") {
  error told{errc::bad_request, "You must provide a thread_id when resuming."};
  for (const char* value : {"1", "\"yes\"", "[0]", "{\"a\":0}", "true", "-0.5"})
    CHECK(run_refusal(std::string{R"("command":{"resume":)"} + value + '}',
                      run_kind::stateless)
          == told);
  for (const char* value :
       {"0", "\"\"", "[]", "{}", "false", "null", "0.0", "0e7", "[ ]"})
    read_run(std::string{R"("command":{"resume":)"} + value + '}',
             run_kind::stateless);
  read_run(R"("command":{"resume":1})", run_kind::stateful);
}

TEST_CASE("stream modes are one word or many", "[core][parse][run]") {
  using modes = std::vector<std::string>;
  CHECK(read_run(R"("stream_mode":"debug")").stream_modes == modes{"debug"});
  CHECK(read_run(R"("stream_mode":[])").stream_modes == modes{"values"});
  CHECK(read_run(R"("stream_mode":["values","values"])").stream_modes
        == modes{"values", "values"});
  for (const char* value :
       {"\"bogus\"", "[\"values\",\"x\"]", "1", "null", "[1]", "{}"}) {
    auto why = run_refusal(std::string{"\"stream_mode\":"} + value);
    CHECK(why.code == errc::invalid_argument);
    CHECK(why.detail
          == std::string{value}
               + " is not valid under any of the schemas listed in the 'anyOf' "
                 "keyword\n\nFailed validating \"anyOf\" in "
                 "schema[\"properties\"][\"stream_mode\"]\n\nOn "
                 "instance[\"stream_mode\"]:\n    "
               + value);
  }
  for (const char* value : {"\"tools\"", "[\"values\",\"lifecycle\"]"})
    CHECK(run_refusal(std::string{"\"stream_mode\":"} + value)
            .detail.ends_with(
              "only supported on the v2 event streaming endpoints."));
}

TEST_CASE("a checkpoint id is a UUID", "[core][parse][run]") {
  CHECK(run_refusal(R"("checkpoint_id":"1")")
        == error{errc::invalid_argument, "Invalid checkpoint ID"});
}

TEST_CASE("a run is durable as it says, or as older clients say",
          "[core][parse][run]") {
  CHECK(read_run(R"("checkpoint_during":false)").durability
        == durability::exit);
  CHECK(read_run(R"("checkpoint_during":true)").durability
        == durability::async);
  CHECK(read_run(R"("checkpoint_during":false,"durability":"sync")").durability
        == durability::sync);
}

TEST_CASE("a deferred run is due later, never earlier", "[core][parse][run]") {
  CHECK(read_run(R"("after_seconds":2)").after == std::chrono::seconds{2});
  CHECK(read_run(R"("after_seconds":0.000001)").after
        == std::chrono::microseconds{1});
  CHECK(read_run(R"("after_seconds":-5)").after.count() == 0);
  CHECK(
    run_refusal(R"("after_seconds":1e300)")
      .detail.starts_with("1e+300 is greater than the maximum of 3153600000"));
  CHECK(run_refusal(R"("after_seconds":"1")")
          .detail.starts_with("\"1\" is not of type \"number\""));
}

TEST_CASE("each field of a run keeps its rule", "[core][parse][run]") {
  struct row {
    const char* members;
    const char* starts;
  };
  const row rows[] = {
    {R"("multitask_strategy":"bogus")",
     "\"bogus\" is not one of \"reject\", \"rollback\" or 2 other candidates"
     "\n\nFailed validating \"enum\" in "
     "schema[\"properties\"][\"multitask_strategy\"]\n\nOn "
     "instance[\"multitask_strategy\"]:\n    \"bogus\""},
    {R"("multitask_strategy":null)", "null is not of type \"string\""},
    {R"("if_not_exists":"x")", R"("x" is not one of "create" or "reject")"},
    {R"("durability":"x")", R"("x" is not one of "sync", "async" or "exit")"},
    {R"("metadata":[])", "[] is not of type \"object\""},
    {R"("config":1)", "1 is not of type \"object\""},
    {R"("config":{"tags":[1]})",
     "1 is not of type \"string\"\n\nFailed validating \"type\" in "
     "schema[\"properties\"][\"config\"][\"properties\"][\"tags\"][\"items\"]"
     "\n\nOn instance[\"config\"][\"tags\"][0]:\n    1"},
    {R"("config":{"recursion_limit":1.5})", "1.5 is not of type \"integer\""},
    {R"("config":{"recursion_limit":"1"})", "\"1\" is not of type \"integer\""},
    {R"("config":{"configurable":null})", "null is not of type \"object\""},
    {R"("context":"")", "\"\" is not of type \"object\""},
    {R"("command":1)", "1 is not valid under any of the schemas"},
    {R"("command":{"update":1})", "{\"update\":1} is not valid under any"},
    {R"("command":{"goto":[1]})", "{\"goto\":[1]} is not valid under any"},
    {R"("command":{"goto":{"node":"a"}})", "{\"goto\":{\"node\":\"a\"}} is "},
    {R"("command":{"goto":[{"node":1,"input":1}]})", "{\"goto\":[{\"input\":1"},
    {R"("webhook":1)", "1 is not of type \"string\""},
    {R"("webhook":"")", "\"\" is shorter than 1 character"},
    {R"("interrupt_before":"a")", "\"a\" is not valid under any"},
    {R"("interrupt_after":[1])", "[1] is not valid under any"},
    {R"("stream_subgraphs":1)", "1 is not of type \"boolean\""},
    {R"("stream_resumable":"true")", "\"true\" is not of type \"boolean\""},
    {R"("checkpoint_during":null)", "null is not of type \"boolean\""},
    {R"("feedback_keys":"a")", "\"a\" is not of type \"array\""},
    {R"("checkpoint":"a")", "\"a\" is not of type \"object\""},
    {R"("checkpoint":{"checkpoint_ns":1})", "1 is not of type \"string\""},
  };
  for (const auto& row : rows) {
    auto why = run_refusal(row.members);
    CHECK(why.code == errc::invalid_argument);
    CHECK_THAT(why.detail, StartsWith(row.starts));
  }
  auto longest = std::string(65'537, 'a');
  CHECK(run_refusal("\"webhook\":\"" + longest + '"')
          .detail.find(" is longer than 65536 characters")
        != std::string::npos);
}

TEST_CASE("a run without an assistant is refused", "[core][parse][run]") {
  auto got = parse_run_create(body("{\"input\":1}"), run_kind::stateful);
  REQUIRE(got.has_error());
  CHECK(got.error().detail
        == "\"assistant_id\" is a required property\n\nFailed validating "
           "\"required\" in schema\n\nOn instance:\n    {\"input\":1}");
  got = parse_run_create(body("{\"assistant_id\":1}"), run_kind::stateful);
  REQUIRE(got.has_error());
  CHECK_THAT(got.error().detail,
             StartsWith("1 is not valid under any of the schemas"));
  CHECK(parse_run_create(body("{"), run_kind::stateful).error().detail
        == "Invalid JSON in request body");
  CHECK(parse_run_create(body("[]"), run_kind::stateful)
          .error()
          .detail.starts_with("[] is not of type \"object\""));
}

TEST_CASE("a batch is a list of stateless runs", "[core][parse][run]") {
  auto runs = parse_run_batch(
    body(R"([{"assistant_id":"a"},{"assistant_id":"b","input":1}])"));
  REQUIRE(runs.has_value());
  REQUIRE(runs->size() == 2);
  CHECK((*runs)[0].assistant == "a");
  CHECK((*runs)[1].input.view() == "1");

  auto why = [](std::string text) {
    return parse_run_batch(body(std::move(text))).error().detail;
  };
  CHECK(why("[]").starts_with("[] has less than 1 item\n\nFailed validating "
                              "\"minItems\" in schema\n\n"));
  CHECK(why("{}").starts_with("{} is not of type \"array\""));
  CHECK(why(R"([{"assistant_id":"a"},{}])")
        == "\"assistant_id\" is a required property\n\nFailed validating "
           "\"required\" in schema[\"components\"][\"schemas\"]"
           "[\"RunCreateStateless\"]\n\nOn instance[1]:\n    {}");
  CHECK(why(R"([{"assistant_id":"a","command":{"resume":1}}])")
        == "You must provide a thread_id when resuming.");
  CHECK(why(R"([1])").starts_with("1 is not of type \"object\""));
}
