#include "tests/catch.hpp"

#include "graph/messages.hpp"
#include "heddle/graph.hpp"
#include "tests/graph/world.hpp"

using namespace heddle;
using namespace heddle::graph;

namespace {

std::string reduce(const channel_spec& by, const std::string& current,
                   const std::vector<std::string>& updates) {
  std::vector<json_text> list;
  for (const auto& each : updates)
    list.emplace_back(each);
  auto made
    = by.reduce(current.empty() ? json_text{} : json_text{current}, list);
  return made ? made->str() : "error: " + made.error().detail;
}

/// `type:id:content` of each message.
std::string brief(const std::string& list) {
  test::fixed_randomness chance;
  auto read = read_messages(list, chance);
  if (!read)
    return "error: " + read.error().detail;
  std::string text;
  for (const auto& each : *read) {
    auto from = each.text.str().find("\"content\":") + 10;
    auto content = each.text.str().substr(from);
    text += (text.empty() ? "" : " ") + each.type + ":" + each.id + ":"
            + content.substr(0, content.find(','));
  }
  return text;
}

std::string merge(const std::string& current, const std::string& update) {
  auto made = reduce(messages(), current, {update});
  return made.starts_with("error") ? made : brief(made);
}

constexpr const char* two = R"([{"type":"human","id":"1","content":"a"},)"
                            R"({"type":"ai","id":"2","content":"b"}])";

} // namespace

TEST_CASE("the last value counts, and there is one", "[graph][reducer]") {
  CHECK(reduce(last_value(), "1", {"2"}) == "2");
  CHECK(reduce(last_value(), "", {"null"}) == "null");
  CHECK(
    reduce(last_value(), "1", {"2", "3"}).starts_with("error: Can receive"));
}

TEST_CASE("lists are added in order", "[graph][reducer]") {
  CHECK(reduce(append(), "[]", {"[1,2]", "[]", " [ 3 ] "}) == "[1,2,3]");
  CHECK(reduce(append(), "[0]", {"[[1]]"}) == "[0,[1]]");
  CHECK(reduce(append(), "", {"[1]"}) == "[1]");
  CHECK(reduce(append(), "[]", {"1"}).starts_with("error: can only"));
}

TEST_CASE("a user's own reducer combines two values", "[graph][reducer]") {
  auto sum = combined(
    [](const json_text& a, const json_text& b) {
      return json_text{std::to_string(std::stoi(a.str()) + std::stoi(b.str()))};
    },
    json_text{"0"});
  CHECK(reduce(sum, "0", {"1", "2"}) == "3");
}

TEST_CASE_METHOD(test::world, "what is wrong with a reducer ends the run",
                 "[graph][reducer]") {
  auto throws = GENERATE(true, false);
  builder made;
  made.channel("x", combined([=](const json_text&, const json_text&) {
                 if (throws)
                   throw std::runtime_error{"cannot add"};
                 return json_text{std::string{"{"}};
               }));
  made.node("n", [](json_text, node_context&) {
    return node_result{json_text{R"({"x":1})"}};
  });
  auto aut = run(made.entry("n").compile().value(), R"({"input":{"x":1}})");
  REQUIRE(aut.end);
  CHECK(aut.end->error_name == "ValueError");
  CHECK(aut.end->error_message.starts_with(throws ? "cannot add"
                                                  : "the reducer gave"));
}

TEST_CASE("messages are added, replaced and removed by id",
          "[graph][reducer]") {
  CHECK(merge(two, R"([{"type":"human","id":"3","content":"c"}])")
        == R"(human:1:"a" ai:2:"b" human:3:"c")");
  CHECK(merge(two, R"({"type":"human","id":"1","content":"new"})")
        == R"(human:1:"new" ai:2:"b")");
  CHECK(merge(two, R"({"type":"remove","id":"1"})") == R"(ai:2:"b")");
  CHECK(merge(two, R"({"type":"remove","id":"9"})")
        == "error: Attempting to delete a message with an ID that doesn't "
           "exist ('9')");
  CHECK(merge(two, R"([{"type":"remove","id":"1"},)"
                   R"({"type":"human","id":"1","content":"back"}])")
        == R"(human:1:"back" ai:2:"b")");
  CHECK(merge(two, R"([{"type":"ai","id":"7","content":"x"},)"
                   R"({"type":"remove","id":"__remove_all__"},)"
                   R"({"type":"ai","id":"8","content":"y"}])")
        == R"(ai:8:"y")");
}

TEST_CASE("messages may be written in many ways", "[graph][reducer]") {
  CHECK(merge("[]", R"([["user","hi"],{"role":"assistant","content":"yo",)"
                    R"("id":"x"}])")
          .ends_with(R"(:"hi" ai:x:"yo")"));
  CHECK(merge("[]", R"("just text")").starts_with("human:"));
  CHECK(merge("[]", R"({"type":"AIMessageChunk","id":"c","content":"p"})")
        == R"(ai:c:"p")");
  CHECK(merge("[]", "7").starts_with("error: Message dict must"));
  CHECK(merge("[]", R"({"role":"robot","content":""})").starts_with("error"));
}

TEST_CASE("a message is printed as the API prints it", "[graph][reducer]") {
  CHECK(reduce(messages(), "[]",
               {R"({"role":"tool","id":"t","content":"4","tool_call_id":"c"})"})
        == R"([{"content":"4","additional_kwargs":{},"response_metadata":{},)"
           R"("type":"tool","name":null,"id":"t","tool_call_id":"c",)"
           R"("artifact":null,"status":"success"}])");
}

TEST_CASE_METHOD(test::world, "an update may go past the reducer",
                 "[graph][reducer]") {
  builder made;
  made.channel("log", append()).node("n", [](json_text, node_context&) {
    return node_result{json_text{R"({"log":{"__overwrite__":["new"]}})"}};
  });
  run(made.entry("n").compile().value(), R"({"input":{"log":["old"]}})");
  CHECK(values() == R"({"log":["new"]})");
}
