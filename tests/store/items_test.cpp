#include "tests/store/fixture.hpp"

// The long-term store.

using namespace heddle;
using labels = std::vector<std::string>;

namespace {

void put_item(test::fixture& on, labels ns, std::string key, std::string value,
              std::optional<timestamp> expires = {}) {
  on.tick();
  item_row item{std::move(ns), std::move(key), json_text{std::move(value)},
                on.now,        on.now,         expires};
  on.write([&](write_tx& tx) {
    tx.put_item(item);
    return 0;
  });
}

std::string keys(test::fixture& on, labels prefix, std::string filter = "",
                 std::uint32_t limit = 10, std::uint64_t offset = 0) {
  item_query query{std::move(prefix),
                   filter.empty() ? json_text{} : json_text{filter}, limit,
                   offset};
  std::string out;
  for (auto& item :
       on.read([&](read_tx& tx) { return tx.search_items(query); }))
    out += item.key + " ";
  return out;
}

} // namespace

STORE_TEST("items: put, get, overwrite, remove") {
  put_item(*this, {"a", "b"}, "k", R"({"v":1})");
  auto first = read([](read_tx& tx) { return tx.item({"a", "b"}, "k"); });
  REQUIRE(first);
  CHECK(first->ns == labels{"a", "b"});
  CHECK(first->value.view() == R"({"v":1})");
  put_item(*this, {"a", "b"}, "k", R"({"v":2})");
  auto second = read([](read_tx& tx) { return tx.item({"a", "b"}, "k"); });
  CHECK(second->value.view() == R"({"v":2})");
  CHECK(second->created == first->created);
  CHECK(second->updated > first->updated);
  CHECK_FALSE(read([](read_tx& tx) { return tx.item({"a"}, "k"); }));
  write([](write_tx& tx) {
    tx.remove_item({"a", "b"}, "k");
    tx.remove_item({"a", "b"}, "k");
    return 0;
  });
  CHECK_FALSE(read([](read_tx& tx) { return tx.item({"a", "b"}, "k"); }));
}

STORE_TEST("items: a prefix ends at a label") {
  put_item(*this, {"a"}, "1", "{}");
  put_item(*this, {"a", "b"}, "2", "{}");
  put_item(*this, {"ab"}, "3", "{}");
  put_item(*this,
           {"a\x1f"
            "b"},
           "4", "{}");
  put_item(*this, {"\xc3\xbc", "z"}, "5", "{}");
  CHECK(keys(*this, {"a"}) == "2 1 ");
  CHECK(keys(*this, {"a", "b"}) == "2 ");
  CHECK(keys(*this, {"a\x1f"
                     "b"})
        == "4 ");
  CHECK(keys(*this, {}) == "5 4 3 2 1 ");
  CHECK(keys(*this, {}, "", 2, 1) == "4 3 ");
  CHECK(read([](read_tx& tx) {
          return tx.item({"a\x1f"
                          "b"},
                         "4");
        })->ns
        == labels{"a\x1f"
                  "b"});
}

STORE_TEST("items: filters and their operators") {
  for (int i = 0; i < 5; ++i)
    put_item(*this, {"n"}, std::to_string(i),
             R"({"n":)" + std::to_string(i) + R"(,"s":"x"})");
  CHECK(keys(*this, {"n"}, R"({"n":3})") == "3 ");
  CHECK(keys(*this, {"n"}, R"({"n":{"$gt":2}})") == "4 3 ");
  CHECK(keys(*this, {"n"}, R"({"n":{"$gte":2,"$lt":4}})") == "3 2 ");
  CHECK(keys(*this, {"n"}, R"({"n":{"$lte":0}})") == "0 ");
  CHECK(keys(*this, {"n"}, R"({"n":{"$ne":1},"s":{"$eq":"x"}})") == "4 3 2 0 ");
  CHECK(keys(*this, {"n"}, R"({"s":{"$gt":1}})").empty());
  CHECK(keys(*this, {"n"}, R"({"missing":1})").empty());
  CHECK(keys(*this, {"n"}, R"({"n":{"$gt":0}})", 2, 1) == "3 2 ");
}

STORE_TEST("items: those beyond their time are absent, then gone") {
  auto past = from_micros(1'000'000);
  put_item(*this, {"t"}, "old", "{}", past);
  put_item(*this, {"t"}, "new", "{}", now + std::chrono::hours{1'000'000});
  CHECK(keys(*this, {"t"}) == "new ");
  CHECK_FALSE(read([](read_tx& tx) { return tx.item({"t"}, "old"); }));
  put_item(*this, {"gone"}, "old", "{}", past);
  CHECK(read([](read_tx& tx) { return tx.namespaces({}); })
        == std::vector<labels>{{"t"}});
  write([&](write_tx& tx) { return tx.expire_events(now, 10); });
  CHECK(this->database().number(0, "SELECT count(*) FROM item") == 1);
}

STORE_TEST("items: namespaces by prefix, suffix, depth") {
  for (labels ns : {labels{"u", "1", "docs"}, labels{"u", "2", "docs"},
                    labels{"u", "2", "mail"}, labels{"v"}})
    put_item(*this, ns, "k", "{}");
  auto found = [&](namespace_query query) {
    std::string out;
    for (auto& ns : read([&](read_tx& tx) { return tx.namespaces(query); })) {
      for (auto& label : ns)
        out += label + ".";
      out += " ";
    }
    return out;
  };
  CHECK(found({}) == "u.1.docs. u.2.docs. u.2.mail. v. ");
  namespace_query query;
  query.prefix = {"u", "*", "docs"};
  CHECK(found(query) == "u.1.docs. u.2.docs. ");
  query = {};
  query.suffix = {"mail"};
  CHECK(found(query) == "u.2.mail. ");
  query = {};
  query.depth = 2;
  CHECK(found(query) == "u.1. u.2. v. ");
  query.limit = 1;
  query.offset = 1;
  CHECK(found(query) == "u.2. ");
}
