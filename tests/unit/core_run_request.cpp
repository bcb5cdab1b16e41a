#include "core/json_object.hpp"
#include "core/json_slice.hpp"
#include "core/run_request.hpp"
#include "heddle/json_check.hpp"
#include "tests/unit/run_bodies.hpp"

using namespace heddle;
using core::prepare_run;
using heddle::test::read_run;

namespace {

const auto now = from_micros(1'785'585'600'123'456);

core::run_place place_of(bool stateless = false) {
  return {*run_id::parse("11111111-1111-4111-8111-111111111111"),
          *thread_id::parse("22222222-2222-4222-8222-222222222222"), stateless,
          "req"};
}

assistant_record assistant() {
  assistant_record a;
  a.id = *assistant_id::parse("33333333-3333-4333-8333-333333333333");
  a.graph = "agent";
  return a;
}

/// The server's part of every configurable.
const std::string server_keys
  = R"("langgraph_auth_user":null,"langgraph_auth_user_id":"",)"
    R"("langgraph_auth_permissions":[],"langgraph_request_id":"req",)"
    R"("__request_start_time_ms__":1785585600123,"__after_seconds__":0,)"
    R"("run_id":"11111111-1111-4111-8111-111111111111",)"
    R"("thread_id":"22222222-2222-4222-8222-222222222222",)"
    R"("graph_id":"agent",)"
    R"("assistant_id":"33333333-3333-4333-8333-333333333333","user_id":"")";

const std::string assistant_metadata
  = R"({"assistant_id":"33333333-3333-4333-8333-333333333333"})";

std::string at(std::string_view json, std::initializer_list<const char*> path) {
  for (const char* step : path) {
    auto slices = core::slice_object(json);
    REQUIRE(slices.has_value());
    auto found = slices->find(step);
    REQUIRE(found.has_value());
    json = *found;
  }
  return std::string{json};
}

} // namespace

TEST_CASE("the kwargs of a plain run have the shape of the API",
          "[core][run]") {
  auto run = prepare_run(read_run(R"("input":{"n":1.50})"), assistant(), {},
                         place_of(), now);
  CHECK(run.kwargs.view()
        == R"({"input":{"n":1.50},"command":null,"config":{"configurable":{)"
             + server_keys + R"(},"metadata":)" + assistant_metadata
             + R"(},"context":{},"stream_mode":["values"],)"
               R"("interrupt_before":null,"interrupt_after":null,)"
               R"("webhook":null,"feedback_keys":null,"temporary":false,)"
               R"("subgraphs":false,"resumable":false,)"
               R"("checkpoint_during":true,"durability":"async"})");
  CHECK(run.metadata.view() == assistant_metadata);
  CHECK(run.due == now);
  CHECK(run.created == now);
  CHECK(!run.temporary);
  CHECK(!run.resumable);
}

TEST_CASE("everything a run says arrives in its kwargs", "[core][run]") {
  auto run = prepare_run(
    read_run(R"("command":{"resume":1},"stream_mode":["updates","debug"],
      "interrupt_before":"*","interrupt_after":["a"],
      "webhook":"https://x.org","feedback_keys":["k"],
      "stream_subgraphs":true,"stream_resumable":true,"durability":"exit",
      "after_seconds":1.5,"langsmith_tracer":{"project_name":"p"},
      "checkpoint":{"checkpoint_ns":"","checkpoint_map":{}},
      "checkpoint_id":"1ef4f797-8335-6428-8001-8a1503f9b875")"),
    assistant(), {}, place_of(), now);
  auto kwargs = run.kwargs.view();
  CHECK(json_problem(kwargs) == std::nullopt);
  CHECK(at(kwargs, {"input"}) == "null");
  CHECK(at(kwargs, {"command"}) == R"({"resume":1})");
  CHECK(at(kwargs, {"stream_mode"}) == R"(["updates","debug"])");
  CHECK(at(kwargs, {"interrupt_before"}) == "\"*\"");
  CHECK(at(kwargs, {"interrupt_after"}) == "[\"a\"]");
  CHECK(at(kwargs, {"webhook"}) == "\"https://x.org\"");
  CHECK(at(kwargs, {"feedback_keys"}) == "[\"k\"]");
  CHECK(at(kwargs, {"subgraphs"}) == "true");
  CHECK(at(kwargs, {"resumable"}) == "true");
  CHECK(at(kwargs, {"checkpoint_during"}) == "false");
  CHECK(at(kwargs, {"durability"}) == "\"exit\"");
  auto configurable = at(kwargs, {"config", "configurable"});
  CHECK(at(configurable, {"checkpoint_id"})
        == "\"1ef4f797-8335-6428-8001-8a1503f9b875\"");
  CHECK(at(configurable, {"checkpoint_ns"}) == "\"\"");
  CHECK(at(configurable, {"__langsmith_project__"}) == "\"p\"");
  CHECK(at(configurable, {"__after_seconds__"}) == "1.5");
  CHECK(run.resumable);
  CHECK(run.due == now + std::chrono::milliseconds{1500});
  CHECK(run.created == run.due);
  // Where one run began is not where the next ones begin.
  CHECK(run.thread_config.view() == R"({"configurable":{}})");
}

TEST_CASE("a stateless run goes with its thread unless it is kept",
          "[core][run]") {
  auto what = read_run("");
  CHECK(prepare_run(what, assistant(), {}, place_of(true), now).temporary);
  what.keep = true;
  auto kept = prepare_run(what, assistant(), {}, place_of(true), now);
  CHECK(!kept.temporary);
  CHECK(at(kept.kwargs.view(), {"temporary"}) == "false");
}

TEST_CASE("what is nearer to the run wins", "[core][run]") {
  auto a = assistant();
  a.config = json_text{R"({"tags":["a"],"recursion_limit":1,
    "configurable":{"from":"assistant","a":1}})"};
  a.context = json_text{R"({"from":"assistant","a":1})"};
  a.metadata = json_text{R"({"from":"assistant","created_by":"system"})"};
  thread_record thread;
  thread.config
    = json_text{R"({"recursion_limit":2,"configurable":{"from":"thread"}})"};
  thread.metadata = json_text{R"({"from":"thread","t":1})"};
  auto run = prepare_run(
    read_run(R"("config":{"recursion_limit":3,"configurable":{"from":"run"},
      "metadata":{"from":"config","c":1}},"metadata":{"from":"request"})"),
    a, thread, place_of(), now);
  auto config = at(run.kwargs.view(), {"config"});
  CHECK(at(config, {"tags"}) == "[\"a\"]");
  CHECK(at(config, {"recursion_limit"}) == "3");
  CHECK(at(config, {"configurable", "from"}) == "\"run\"");
  CHECK(at(config, {"configurable", "a"}) == "1");
  CHECK(at(config, {"configurable", "graph_id"}) == "\"agent\"");
  CHECK(
    run.metadata.view()
    == R"({"from":"request","created_by":"system","t":1,"graph_id":"agent",)"
       R"("c":1,)"
       R"("assistant_id":"33333333-3333-4333-8333-333333333333"})");
  CHECK(at(config, {"metadata"}) == run.metadata.view());
  // What is configurable is the context, too.
  CHECK(at(run.kwargs.view(), {"context"}) == R"({"from":"run","a":1})");
}

TEST_CASE("what a run brings along is not for those after it", "[core][run]") {
  thread_record thread;
  thread.config = json_text{R"({"recursion_limit":2,"tags":["t"],
    "configurable":{"mine":1}})"};
  auto run = prepare_run(read_run(R"("config":{"configurable":{"secret":1}})"),
                         assistant(), thread, place_of(), now);
  auto config = at(run.kwargs.view(), {"config"});
  CHECK(!core::json_object{config}.find("recursion_limit"));
  CHECK(!core::json_object{config}.find("tags"));
  CHECK(at(config, {"configurable", "mine"}) == "1");
  CHECK(at(config, {"configurable", "secret"}) == "1");
  CHECK(at(run.thread_config.view(), {"configurable"}) == R"({"mine":1})");
}

TEST_CASE("a context is what is configurable, too", "[core][run]") {
  auto run = prepare_run(read_run(R"("context":{"user":"u"})"), assistant(), {},
                         place_of(), now);
  CHECK(at(run.kwargs.view(), {"context"}) == R"({"user":"u"})");
  CHECK(at(run.kwargs.view(), {"config", "configurable"})
        == R"({"user":"u",)" + server_keys + '}');
}

TEST_CASE("nobody can pass for the server", "[core][run]") {
  auto a = assistant();
  a.config = json_text{R"({"configurable":{"run_id":"x","user_id":"root"}})"};
  auto run = prepare_run(
    read_run(R"("config":{"configurable":{"thread_id":"x","graph_id":"y"}},
      "checkpoint":{"thread_id":"z"})"),
    a, {}, place_of(), now);
  auto configurable = at(run.kwargs.view(), {"config", "configurable"});
  CHECK(at(configurable, {"run_id"})
        == "\"11111111-1111-4111-8111-111111111111\"");
  CHECK(at(configurable, {"thread_id"})
        == "\"22222222-2222-4222-8222-222222222222\"");
  CHECK(at(configurable, {"graph_id"}) == "\"agent\"");
  CHECK(at(configurable, {"user_id"}) == "\"\"");
}

TEST_CASE("a new thread takes over what the run says", "[core][run]") {
  auto a = assistant();
  a.config = json_text{R"({"configurable":{"a":1}})"};
  auto run
    = prepare_run(read_run(R"("config":{"tags":["x"],"configurable":{"b":2},
      "metadata":{"c":3}},"metadata":{"m":4})"),
                  a, {}, place_of(), now);
  CHECK(run.thread_metadata.view()
        == R"({"graph_id":"agent",)"
           R"("assistant_id":"33333333-3333-4333-8333-333333333333",)"
           R"("c":3,"m":4})");
  CHECK(at(run.thread_config.view(), {"tags"}) == "[\"x\"]");
  CHECK(at(run.thread_config.view(), {"configurable"}) == R"({"a":1})");
}

TEST_CASE("a thread at rest learns graph and config, one in flight does not",
          "[core][run]") {
  thread_record thread;
  thread.metadata = json_text{R"({"mine":1})"};
  thread.config = json_text{"{}"};
  auto what = read_run(R"("config":{"configurable":{"b":2}})");
  auto rest = prepare_run(what, assistant(), thread, place_of(), now);
  CHECK(rest.updates_thread);
  CHECK(rest.thread_metadata.view()
        == R"({"mine":1,"graph_id":"agent",)"
           R"("assistant_id":"33333333-3333-4333-8333-333333333333"})");
  CHECK(rest.thread_config.view() == R"({"configurable":{}})");

  thread.metadata = rest.thread_metadata;
  thread.config = rest.thread_config;
  CHECK(
    !prepare_run(what, assistant(), thread, place_of(), now).updates_thread);

  thread.metadata = json_text{R"({"mine":1})"};
  thread.status = thread_status::busy;
  auto busy = prepare_run(what, assistant(), thread, place_of(), now);
  CHECK(!busy.updates_thread);
  CHECK(busy.thread_metadata.view() == R"({"mine":1})");
}
