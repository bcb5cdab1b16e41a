#include "core/task_results.hpp"

#include "tests/catch.hpp"

using namespace heddle;
using core::task_write;
using core::with_results;

namespace {

const json_text tasks{
  R"([{"id":"a","name":"x","result":null},{"id":"b","name":"y"}])"};

std::string filled(std::vector<task_write> writes,
                   std::optional<std::vector<std::string>> channels = {}) {
  return with_results(tasks, writes, channels).str();
}

} // namespace

TEST_CASE("a task's result is made of its writes", "[core][state]") {
  CHECK(filled({{"a", "n", json_text{"1"}}, {"a", "log", json_text{"[2]"}}})
        == R"([{"id":"a","name":"x","result":{"n":1,"log":[2]}},)"
           R"({"id":"b","name":"y"}])");
}

TEST_CASE("what the library writes for itself is no result", "[core][state]") {
  CHECK(filled({{"a", "branch:to:z", json_text{"null"}},
                {"b", "__no_writes__", json_text{"null"}}})
        == R"([{"id":"a","name":"x","result":null},{"id":"b","name":"y"}])");
}

TEST_CASE("only channels of the state count, where they are known",
          "[core][state]") {
  CHECK(filled({{"b", "n", json_text{"1"}}, {"b", "secret", json_text{"2"}}},
               std::vector<std::string>{"n"})
        == R"([{"id":"a","name":"x","result":null},)"
           R"({"id":"b","name":"y","result":{"n":1}}])");
}

TEST_CASE("without writes the tasks stay as they came", "[core][state]") {
  CHECK(with_results(tasks, {}, std::nullopt) == tasks);
}
