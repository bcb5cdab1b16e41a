#include "tests/unit/run_bodies.hpp"

using namespace heddle;
using heddle::test::body;

namespace {

constexpr const char* uuid = "11111111-1111-4111-8111-111111111111";

template <class T>
std::string detail(const result<T>& got) {
  return got.has_error() ? got.error().detail : "no error";
}

} // namespace

TEST_CASE("an assistant needs only a graph", "[core][parse][assistant]") {
  auto got = parse_assistant_create(body(R"({"graph_id":"g"})"));
  REQUIRE(got.has_value());
  CHECK(got->graph == "g");
  CHECK(got->name == "Untitled");
  CHECK(!got->id);
  CHECK(!got->if_exists_do_nothing);
  CHECK(got->description.empty());
}

TEST_CASE("all that an assistant can say is read", "[core][parse][assistant]") {
  auto got = parse_assistant_create(body(
    std::string{R"({"graph_id":"g","assistant_id":")"} + uuid
    + R"(","config":{"tags":[]},"context":{"a":1},"metadata":{"run_id":1,"m":2},
       "if_exists":"do_nothing","name":"n","description":"d"})"));
  REQUIRE(got.has_value());
  CHECK(got->id->str() == uuid);
  CHECK(got->config.view() == R"({"tags":[]})");
  CHECK(got->context.view() == R"({"a":1})");
  CHECK(got->metadata.view() == R"({"m":2})");
  CHECK(got->if_exists_do_nothing);
  CHECK(got->name == "n");
  CHECK(got->description.view() == "\"d\"");
}

TEST_CASE("an assistant keeps its rules", "[core][parse][assistant]") {
  auto why = [](std::string text) {
    return detail(parse_assistant_create(body(std::move(text))));
  };
  CHECK_THAT(why("{}"), StartsWith("\"graph_id\" is a required property"));
  CHECK_THAT(why("[]"), StartsWith("[] is not of type \"object\""));
  CHECK_THAT(why(R"({"graph_id":1})"),
             StartsWith("1 is not of type \"string\""));
  CHECK_THAT(why(R"({"graph_id":"g","if_exists":"x"})"),
             StartsWith(R"("x" is not one of "raise" or "do_nothing")"));
  CHECK(why(R"({"graph_id":"g","assistant_id":"x"})")
        == "Invalid assistant ID: must be a UUID");
  auto both = parse_assistant_create(body(
    R"({"graph_id":"g","config":{"configurable":{"a":1}},"context":{"b":1}})"));
  REQUIRE(both.has_error());
  CHECK(both.error().code == errc::bad_request);
  auto patch = parse_assistant_patch(
    body(R"({"config":{"configurable":{"a":1}},"context":{"b":1}})"));
  REQUIRE(patch.has_error());
  CHECK(patch.error().code == errc::bad_request);
}

TEST_CASE("a patch tells what is absent from what is empty",
          "[core][parse][assistant]") {
  auto got = parse_assistant_patch(body(R"({"name":"","description":""})"));
  REQUIRE(got.has_value());
  CHECK(!got->graph);
  CHECK(got->name == "");
  CHECK(got->description.view() == "\"\"");
  CHECK(got->config.empty());
  got = parse_assistant_patch(body(R"({"description":null})"));
  CHECK(detail(got).starts_with("null is not of type \"string\""));
}

TEST_CASE("the config of an assistant has a schema of its own",
          "[core][parse][assistant]") {
  auto got = parse_assistant_create(body(R"({"config":{"tags":1}})"));
  CHECK(detail(got).starts_with("\"graph_id\" is a required property"));
  got
    = parse_assistant_create(body(R"({"graph_id":"g","config":{"tags":[1]}})"));
  CHECK(detail(got)
        == "1 is not of type \"string\"\n\nFailed validating \"type\" in "
           "schema[\"properties\"][\"tags\"][\"items\"]\n\nOn "
           "instance[\"tags\"][0]:\n    1");
}

TEST_CASE("a search of assistants has defaults and bounds",
          "[core][parse][assistant]") {
  auto plain = parse_assistant_search(body("{}"));
  REQUIRE(plain.has_value());
  CHECK(plain->query.limit == 10);
  CHECK(plain->query.offset == 0);
  CHECK(plain->query.sort == assistant_query::key::created);
  CHECK(plain->query.order == sort_order::descending);
  auto full = parse_assistant_search(
    body(R"({"metadata":{"a":1},"graph_id":"g","name":"n","limit":1000,
         "offset":7,"sort_by":"name","sort_order":"asc",
         "select":["name","version"]})"));
  REQUIRE(full.has_value());
  CHECK(full->query.metadata.view() == R"({"a":1})");
  CHECK(full->query.graph == "g");
  CHECK(full->query.name == "n");
  CHECK(full->query.limit == 1000);
  CHECK(full->query.offset == 7);
  CHECK(full->query.sort == assistant_query::key::name);
  CHECK(full->query.order == sort_order::ascending);
  CHECK(full->select == std::vector<std::string>{"name", "version"});
  auto count = parse_assistant_count(body(R"({"graph_id":"g"})"));
  REQUIRE(count.has_value());
  CHECK(count->graph == "g");
}

TEST_CASE("a page has bounds", "[core][parse]") {
  struct row {
    const char* body;
    const char* starts;
  };
  const row rows[] = {
    {R"({"limit":0})", "0 is less than the minimum of 1\n\nFailed validating "
                       "\"minimum\" in schema[\"properties\"][\"limit\"]\n\n"
                       "On instance[\"limit\"]:\n    0"},
    {R"({"limit":-1})", "-1 is less than the minimum of 1"},
    {R"({"limit":1001})", "1001 is greater than the maximum of 1000"},
    {R"({"limit":99999999999999999999})", "1e+20 is greater than the maximum"},
    {R"({"limit":-99999999999999999999})", "-1e+20 is less than the minimum"},
    {R"({"limit":1.5})", "1.5 is not of type \"integer\""},
    {R"({"limit":"10"})", "\"10\" is not of type \"integer\""},
    {R"({"limit":null})", "null is not of type \"integer\""},
    {R"({"offset":-1})", "-1 is less than the minimum of 0"},
    {R"({"sort_by":"x"})", "\"x\" is not one of "},
    {R"({"sort_order":"ASC"})", "\"ASC\" is not one of \"asc\" or \"desc\""},
    {R"({"select":["x"]})", "\"x\" is not one of "},
    {R"({"select":"name"})", "\"name\" is not of type \"array\""},
  };
  for (const auto& row : rows) {
    INFO(row.body);
    CHECK_THAT(detail(parse_assistant_search(body(row.body))),
               StartsWith(row.starts));
    CHECK_THAT(detail(parse_thread_search(body(row.body))),
               StartsWith(row.starts));
  }
  // Of JSON Schema, 5.0 is an integer.
  auto got = parse_thread_search(body(R"({"limit":5.0,"offset":2e2})"));
  REQUIRE(got.has_value());
  CHECK(got->query.limit == 5);
  CHECK(got->query.offset == 200);
}

TEST_CASE("a thread may be created with nothing", "[core][parse][thread]") {
  auto got = parse_thread_create(body("{}"));
  REQUIRE(got.has_value());
  CHECK(!got->id);
  CHECK(got->metadata.empty());
  CHECK(!got->if_exists_do_nothing);
  CHECK(got->supersteps.empty());
}

TEST_CASE("all that a thread can say is read", "[core][parse][thread]") {
  auto got = parse_thread_create(
    body(R"({"thread_id":"{11111111111141118111111111111111}",
         "metadata":{"graph_id":"g","assistant_id":"x"},
         "if_exists":"do_nothing","ttl":{"ttl":5,"strategy":"delete"},
         "supersteps":[{"updates":[{"values":[],"as_node":"n"}]}]})"));
  REQUIRE(got.has_value());
  CHECK(got->id->str() == uuid);
  CHECK(got->metadata.view() == R"({"graph_id":"g"})");
  CHECK(got->if_exists_do_nothing);
  CHECK(got->supersteps.view()
        == R"([{"updates":[{"values":[],"as_node":"n"}]}])");
}

TEST_CASE("a thread keeps its rules", "[core][parse][thread]") {
  struct row {
    const char* body;
    const char* starts;
  };
  const row rows[] = {
    {R"({"thread_id":"x"})", "Invalid thread ID: must be a UUID"},
    {R"({"thread_id":null})", "null is not of type \"string\""},
    {R"({"metadata":1})", "1 is not of type \"object\""},
    {R"({"if_exists":"x"})", "\"x\" is not one of \"raise\" or"},
    {R"({"ttl":5})", "5 is not of type \"object\""},
    {R"({"ttl":{"strategy":"x"}})", "\"x\" is not one of \"delete\" or"},
    {R"({"supersteps":{}})", "{} is not of type \"array\""},
    {R"({"supersteps":[1]})", "1 is not of type \"object\""},
    {R"({"supersteps":[{}]})", "\"updates\" is a required property"},
    {R"({"supersteps":[{"updates":[{}]}]})",
     "\"as_node\" is a required property\n\nFailed validating \"required\" in "
     "schema[\"components\"][\"schemas\"][\"ThreadSuperstepUpdate\"]\n\nOn "
     "instance[\"supersteps\"][0][\"updates\"][0]:\n    {}"},
    {R"({"supersteps":[{"updates":[{"as_node":"a","values":1}]}]})",
     "1 is not valid under any of the schemas listed in the 'anyOf' keyword"},
  };
  for (const auto& row : rows) {
    INFO(row.body);
    CHECK_THAT(detail(parse_thread_create(body(row.body))),
               StartsWith(row.starts));
  }
  CHECK(detail(parse_thread_patch(body(R"({"metadata":{"a":1}})")))
        == "no error");
  CHECK_THAT(detail(parse_thread_patch(body(R"({"ttl":{"ttl":"x"}})"))),
             StartsWith("\"x\" is not of type \"number\""));
}

TEST_CASE("a search of threads filters", "[core][parse][thread]") {
  auto got = parse_thread_search(
    body(std::string{R"({"ids":[")"} + uuid
         + R"("],"metadata":{"a":1},"values":{"b":2},"status":"busy",
           "sort_by":"state_updated_at","select":["thread_id"],
           "extract":{"last":"values.messages[-1].content"}})"));
  REQUIRE(got.has_value());
  REQUIRE(got->query.ids.size() == 1);
  CHECK(got->query.ids[0].str() == uuid);
  CHECK(got->query.metadata.view() == R"({"a":1})");
  CHECK(got->query.values.view() == R"({"b":2})");
  CHECK(got->query.status == thread_status::busy);
  CHECK(got->query.sort == thread_query::key::state_updated);
  REQUIRE(got->extract.size() == 1);
  CHECK(got->extract[0].second == "values.messages[-1].content");
  auto plain = parse_thread_search(body("{}"));
  REQUIRE(plain.has_value());
  CHECK(plain->query.sort == thread_query::key::updated);
  CHECK(parse_thread_count(body(R"({"status":"error"})"))->status
        == thread_status::error);

  auto bad = parse_thread_search(body(R"({"ids":["x"]})"));
  REQUIRE(bad.has_error());
  CHECK(bad.error() == error{errc::bad_request, "Invalid thread ID x"});
  CHECK_THAT(detail(parse_thread_count(body(R"({"status":"pending"})"))),
             StartsWith("\"pending\" is not one of \"idle\", \"busy\" or 2 "
                        "other candidates"));
}

TEST_CASE("what is extracted has a name and a path", "[core][parse][thread]") {
  auto why = [](const std::string& extract) {
    return detail(parse_thread_search(body("{\"extract\":" + extract + '}')));
  };
  for (const char* good :
       {R"({"a":"values"})", R"({"_b1":"metadata.x"})",
        R"({"a":"config.configurable.y"})", R"({"a":"interrupts"})",
        R"({"a":"values.l[0][-1].x"})", "{}"})
    CHECK(why(good) == "no error");
  for (const char* bad :
       {R"({"1a":"values"})", R"({"a-b":"values"})", R"({"":"values"})",
        R"({"status":"values"})", R"({"a":"status"})", R"({"a":""})",
        R"({"a":"values."})", R"({"a":"values[x]"})", R"({"a":"values[1"})",
        R"({"a":"values]"})", R"({"a":"values..b"})", R"({"a":"[0]"})",
        R"({"a":"values[0]b"})"})
    CHECK_THAT(why(bad), Contains("xtract "));
  CHECK_THAT(why(R"({"a":1})"), StartsWith("1 is not of type \"string\""));
  CHECK_THAT(why("[]"), StartsWith("[] is not of type \"object\""));
  std::string eleven = "{";
  for (int i = 0; i < 11; ++i)
    eleven += (i == 0 ? "\"a" : ",\"a") + std::to_string(i) + "\":\"values\"";
  CHECK(why(eleven + '}').find(" has more than 10 properties")
        != std::string::npos);
}

TEST_CASE("a state update names values, place and node",
          "[core][parse][state]") {
  auto got = parse_state_update(
    body(R"({"values":[1],"checkpoint":{"checkpoint_id":"c",
         "checkpoint_ns":"a|b","checkpoint_map":{"":"c"}},"as_node":"n"})"));
  REQUIRE(got.has_value());
  CHECK(got->values.view() == "[1]");
  CHECK(got->at.id == "c");
  CHECK(got->at.ns == "a|b");
  CHECK(got->at.map.view() == R"({"":"c"})");
  CHECK(got->as_node == "n");
  CHECK(parse_state_update(body(R"({"checkpoint_id":"old"})"))->at.id == "old");
  CHECK(parse_state_update(body(R"({"values":null})"))->values.view()
        == "null");
  CHECK(parse_state_update(body("{}"))->values.empty());
  CHECK_THAT(detail(parse_state_update(body(R"({"values":1})"))),
             StartsWith("1 is not valid under any of the schemas"));
  CHECK_THAT(detail(parse_state_update(body(R"({"as_node":1})"))),
             StartsWith("1 is not of type \"string\""));
}

TEST_CASE("a state is asked for at a checkpoint", "[core][parse][state]") {
  auto got = parse_state_at_checkpoint(
    body(R"({"checkpoint":{"checkpoint_id":"c"},"subgraphs":true})"));
  REQUIRE(got.has_value());
  CHECK(got->at.id == "c");
  CHECK(got->subgraphs);
  CHECK_THAT(detail(parse_state_at_checkpoint(body("{}"))),
             StartsWith("\"checkpoint\" is a required property"));
}

TEST_CASE("a history begins before a checkpoint", "[core][parse][state]") {
  auto before = [](std::string text) {
    return parse_history_search(body("{\"before\":" + std::move(text) + '}'))
      ->before;
  };
  CHECK(before("\"c\"") == "c");
  CHECK(before(R"({"checkpoint_id":"c","checkpoint_ns":""})") == "c");
  CHECK(before(R"({"configurable":{"checkpoint_id":"c"}})") == "c");
  CHECK(before("null") == std::nullopt);
  auto got
    = parse_history_search(body(R"({"limit":5,"metadata":{"source":"loop"},
         "checkpoint":{"checkpoint_ns":"a"}})"));
  REQUIRE(got.has_value());
  CHECK(got->limit == 5);
  CHECK(got->metadata.view() == R"({"source":"loop"})");
  CHECK(got->ns == "a");
  CHECK(parse_history_search(body("{}"))->limit == 1);
  CHECK_THAT(detail(parse_history_search(body(R"({"limit":1001})"))),
             StartsWith("1001 is greater than"));
  CHECK_THAT(detail(parse_history_search(body(R"({"before":1})"))),
             StartsWith("1 is not of type \"object\""));
}

TEST_CASE("no request is taken that is not JSON", "[core][parse]") {
  for (const auto& text : {std::string{}, std::string{"{"}}) {
    const std::string told = "Invalid JSON in request body";
    CHECK(detail(parse_assistant_create(body(text))) == told);
    CHECK(detail(parse_assistant_patch(body(text))) == told);
    CHECK(detail(parse_assistant_search(body(text))) == told);
    CHECK(detail(parse_assistant_count(body(text))) == told);
    CHECK(detail(parse_thread_create(body(text))) == told);
    CHECK(detail(parse_thread_patch(body(text))) == told);
    CHECK(detail(parse_thread_search(body(text))) == told);
    CHECK(detail(parse_thread_count(body(text))) == told);
    CHECK(detail(parse_state_update(body(text))) == told);
    CHECK(detail(parse_state_at_checkpoint(body(text))) == told);
    CHECK(detail(parse_history_search(body(text))) == told);
    CHECK(detail(parse_run_batch(body(text))) == told);
  }
}
