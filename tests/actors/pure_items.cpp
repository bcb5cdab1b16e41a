#include "actors/item_ops.hpp"

#include "tests/catch.hpp"
#include "tests/house/world.hpp"

// The long-term store's operations, as workers send them.

using namespace heddle;
using namespace heddle::test;
using actors::item_ops_write;
using actors::run_item_ops;

namespace {

struct items {
  std::vector<std::string> complaints;
  std::unique_ptr<stepped_store> rows = make_rows(complaints);
  timestamp now = from_micros(1'800'000'000'000'000);

  result<json_text> run(const std::string& ops) {
    slot<json_text> got;
    write(
      *rows, lane::normal,
      [&](write_tx& tx) { return run_item_ops(tx, json_text{ops}, now); },
      got.fill());
    rows->commit_one();
    if (got.ok())
      return got.value();
    return error{*got.failure(), got.text()};
  }
};

} // namespace

TEST_CASE("only operations with a put are writes", "[actors][items]") {
  CHECK(item_ops_write(json_text{R"([{"op":"put"}])"}));
  CHECK(!item_ops_write(json_text{R"([{"op":"get"},{"op":"search"}])"}));
}

TEST_CASE_METHOD(items, "results come in the order of the operations",
                 "[actors][items]") {
  auto got = run(R"([{"op":"get","namespace":["a"],"key":"k"},)"
                 R"({"op":"put","namespace":["a"],"key":"k","value":{"n":1}},)"
                 R"({"op":"get","namespace":["a"],"key":"k"},)"
                 R"({"op":"namespaces"}])");
  REQUIRE(got.has_value());
  CHECK_THAT(got->str(), StartsWith(R"([null,null,{"namespace":["a"])"));
  CHECK_THAT(got->str(), Contains(R"("value":{"n":1})"));
  CHECK_THAT(got->str(), EndsWith(R"([["a"]]])"));
}

TEST_CASE_METHOD(items, "a put of null deletes", "[actors][items]") {
  run(R"([{"op":"put","namespace":["a"],"key":"k","value":{"n":1}}])");
  run(R"([{"op":"put","namespace":["a"],"key":"k","value":null}])");
  CHECK(run(R"([{"op":"search","namespace_prefix":["a"]}])")->view() == "[[]]");
}

TEST_CASE_METHOD(items, "a search is filtered and bounded", "[actors][items]") {
  run(R"([{"op":"put","namespace":["a"],"key":"1","value":{"n":1}},)"
      R"({"op":"put","namespace":["a"],"key":"2","value":{"n":2}}])");
  auto got = run(R"([{"op":"search","namespace_prefix":["a"],)"
                 R"("filter":{"n":2},"limit":5}])");
  CHECK_THAT(got->str(), Contains(R"("key":"2")"));
  CHECK_THAT(got->str(), !Contains(R"("key":"1")"));
}

TEST_CASE_METHOD(items, "what is no operation fails and writes nothing",
                 "[actors][items]") {
  for (const auto* bad :
       {R"([{"op":"put","namespace":["a"],"key":"k","value":{}},{"op":"x"}])",
        R"([{"op":"get"}])", R"({"op":1})"}) {
    INFO(bad);
    CHECK(run(bad).has_error());
  }
  CHECK(run(R"([{"op":"namespaces"}])")->view() == "[[]]");
}
