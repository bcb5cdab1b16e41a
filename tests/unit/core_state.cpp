#include "core/state_json.hpp"
#include "core/wait_document.hpp"
#include "heddle/json_check.hpp"
#include "tests/catch.hpp"

using namespace heddle;
using namespace heddle::core;

namespace {

constexpr const char* state_thread = "22222222-2222-4222-8222-222222222222";

state_parts sample() {
  state_parts state;
  state.thread = *thread_id::parse(state_thread);
  state.id = "c2";
  state.parent = "c1";
  state.metadata = json_text{R"({"step":1})"};
  state.created = from_micros(0);
  state.values = json_text{R"({"n":1.0})"};
  state.next = {"a", "b\""};
  state.tasks
    = json_text{R"([{"id":"t1","name":"a","interrupts":[)"
                R"({"value":{"q":1},"id":"i1","response_schema":null}]},)"
                R"({"id":"t2","name":"b","interrupts":[]}])"};
  return state;
}

std::string checkpoint(const std::string& id) {
  return "{\"checkpoint_id\":\"" + id + "\",\"thread_id\":\"" + state_thread
         + "\",\"checkpoint_ns\":\"\"}";
}

wait_seen
seen_of(std::initializer_list<std::pair<const char*, const char*>> events) {
  wait_seen seen;
  for (const auto& [name, data] : events)
    observe(seen, *make_event(name, json_text{data}));
  return seen;
}

std::string
document(std::initializer_list<std::pair<const char*, const char*>> events,
         const thread_record* thread = nullptr) {
  return wait_document(seen_of(events), thread).str();
}

} // namespace

TEST_CASE("a state is put together in the order of the API", "[core][state]") {
  auto state = sample();
  auto text = state_json(state);
  CHECK(text.view()
        == R"({"values":{"n":1.0},"next":["a","b\""],"tasks":)"
             + state.tasks.str() + R"(,"metadata":{"step":1,"thread_id":")"
             + state_thread
             + R"("},)"
               R"("created_at":"1970-01-01T00:00:00.000000+00:00",)"
               R"("checkpoint":)"
             + checkpoint("c2") + ",\"parent_checkpoint\":" + checkpoint("c1")
             + R"(,"interrupts":[{"id":"i1","value":{"q":1}}],)"
               R"("checkpoint_id":"c2","parent_checkpoint_id":"c1"})");
  CHECK(json_problem(text.view()) == std::nullopt);
  state.ns = "n:1|m:2";
  CHECK(state_json(state).str().find(R"("checkpoint_ns":"n:1|m:2")")
        != std::string::npos);
}

TEST_CASE("a thread without a checkpoint has an empty state", "[core][state]") {
  CHECK(state_json({}).view()
        == R"({"values":{},"next":[],"tasks":[],"metadata":null,)"
           R"("created_at":null,"checkpoint":null,"parent_checkpoint":null,)"
           R"("interrupts":[],"checkpoint_id":null,)"
           R"("parent_checkpoint_id":null})");
}

TEST_CASE("an unknown checkpoint has a state with its name", "[core][state]") {
  CHECK(
    unknown_checkpoint_json(*thread_id::parse(state_thread), "x\"").view()
    == std::string{R"({"values":{},"next":[],"tasks":[],"metadata":null,)"
                   R"("created_at":null,"checkpoint":{"checkpoint_id":"x\"",)"
                   R"("thread_id":")"}
         + state_thread
         + R"("},"parent_checkpoint":null,"interrupts":[],)"
           R"("checkpoint_id":"x\"","parent_checkpoint_id":null})");
}

TEST_CASE("a history is a list of states", "[core][state]") {
  CHECK(history_json({}).view() == "[]");
  auto one = state_json(sample()).str();
  CHECK(history_json({sample(), sample()}).view()
        == "[" + one + "," + one + "]");
}

TEST_CASE("values are the channels that a graph shows, in its order",
          "[core][state]") {
  std::vector<std::pair<std::string, json_text>> channels{
    {"b", json_text{"2"}},
    {"hidden", json_text{"0"}},
    {"a\"", json_text{"[1.50]"}},
    {"bytes", {}}};
  CHECK(assemble_values({"a\"", "b", "bytes", "unset"}, channels).view()
        == R"({"a\"":[1.50],"b":2})");
  CHECK(assemble_values({}, channels).view() == "{}");
}

TEST_CASE("interrupts are listed, and kept by task", "[core][state]") {
  auto got = interrupts_of(sample().tasks);
  CHECK(got.by_task.view() == R"({"t1":[{"id":"i1","value":{"q":1}}]})");
  CHECK(got.all.view() == R"([{"id":"i1","value":{"q":1}}])");
  auto none = interrupts_of({});
  CHECK(none.by_task.view() == "{}");
  CHECK(none.all.view() == "[]");
  auto two = interrupts_of(json_text{
    R"([{"id":"x","interrupts":[{"id":"1","value":1},{"value":2}]},)"
    R"({"id":"y","interrupts":[{"id":"3","value":null}]},{"id":"z"}])"});
  CHECK(two.by_task.view()
        == R"({"x":[{"id":"1","value":1},{"id":null,"value":2}],)"
           R"("y":[{"id":"3","value":null}]})");
  CHECK(two.all.view()
        == R"([{"id":"1","value":1},{"id":null,"value":2},)"
           R"({"id":"3","value":null}])");
}

TEST_CASE("a waiter gets the last state", "[core][wait]") {
  CHECK(document({{"metadata", "{}"},
                  {"values", R"({"n":1})"},
                  {"updates", R"({"a":1})"},
                  {"values", R"({"n":2})"},
                  {"values|sub:1", R"({"n":3})"}})
        == R"({"n":2})");
  CHECK(document({}) == "{}");
}

TEST_CASE("a waiter gets the error, unless a state came after it",
          "[core][wait]") {
  CHECK(document({{"values", R"({"n":1})"},
                  {"error", R"({"error":"E","message":"m"})"}})
        == R"({"__error__":{"error":"E","message":"m"}})");
  CHECK(document({{"error", R"({"error":"E","message":"m"})"},
                  {"values", R"({"n":2})"}})
        == R"({"n":2})");
}

TEST_CASE("a waiter gets the state with what it waits for", "[core][wait]") {
  const char* interrupt = R"({"value":"q","id":"i1","response_schema":null})";
  auto state = std::string{R"({"log":[],"__interrupt__":[)"} + interrupt + "]}";
  auto update = std::string{R"({"__interrupt__":[)"} + interrupt + "]}";
  CHECK(document({{"values", R"({"log":[]})"}, {"values", state.c_str()}})
        == state);
  // The same one, shown twice.
  CHECK(document({{"updates", update.c_str()}, {"values", state.c_str()}})
        == state);
  CHECK(document({{"updates", update.c_str()}}) == update);
  CHECK(
    document({{"values", R"({"__interrupt__":[{"id":"1","value":1}]})"},
              {"values", R"({"a":1,"__interrupt__":[{"id":"2","value":2}]})"}})
    == R"({"a":1,"__interrupt__":[{"id":"1","value":1},)"
       R"({"id":"2","value":2}]})");
  CHECK(document({{"updates", update.c_str()}, {"values", "[1]"}}) == update);
  // Text that only looks like it.
  CHECK(document({{"values", R"({"a":"__interrupt__"})"}})
        == R"({"a":"__interrupt__"})");
}

TEST_CASE("after an error a waiter hears of no interrupt", "[core][wait]") {
  CHECK(document({{"updates", R"({"__interrupt__":[{"id":"1"}]})"},
                  {"error", R"({"error":"E","message":"m"})"},
                  {"values", R"({"n":1})"}})
        == R"({"n":1})");
}

TEST_CASE("a waiter who saw nothing gets what the thread shows",
          "[core][wait]") {
  thread_record thread;
  CHECK(document({}, &thread) == "{}");
  thread.values = json_text{R"({"n":1})"};
  CHECK(document({}, &thread) == R"({"n":1})");
  CHECK(document({{"values", R"({"n":2})"}}, &thread) == R"({"n":2})");

  thread.status = thread_status::interrupted;
  thread.interrupts = json_text{"{}"};
  thread.error = json_text{R"({"error":"UserInterrupt","message":"m"})"};
  // A cancel is no error for those who wait.
  CHECK(document({}, &thread) == R"({"n":1})");
  thread.interrupts
    = json_text{R"({"t":[{"id":"1","value":1}],"u":[{"id":"2","value":2}]})"};
  CHECK(document({}, &thread)
        == R"({"__interrupt__":[{"id":"1","value":1},)"
           R"({"id":"2","value":2}]})");

  thread.status = thread_status::error;
  thread.error = json_text{R"({"error":"E","message":"m"})"};
  CHECK(document({}, &thread)
        == R"({"__error__":{"error":"E","message":"m"}})");
}

TEST_CASE("feedback is laid over the document", "[core][wait]") {
  CHECK(document({{"values", R"({"n":1})"}, {"feedback", R"({"k":"url"})"}})
        == R"({"n":1,"__feedback__":{"k":"url"}})");
  CHECK(document({{"values", "[1]"}, {"feedback", R"({"k":"url"})"}}) == "[1]");
}

TEST_CASE("a late join of a rolled back run is told so", "[core][wait]") {
  CHECK(run_not_found_document().view()
        == R"({"__error__":{"error":"HTTPException",)"
           R"("message":"404: Run not found"}})");
}
