#include "tests/store/fixture.hpp"

// Checkpoints, events, items, search, copies.

using namespace heddle;

STORE_TEST("a checkpoint comes back as it was put") {
  auto t = make_thread();
  auto ref = run_on(t);
  put(ref, t, "c1", R"({"big":123456789012345678901234567890,"b":1,"a":2})",
      {"n1", "n\"2"}, R"([{"id":"x"}])");
  put_write(ref, t, "c1", 0, "1");
  auto got = read([&](read_tx& tx) { return tx.checkpoint(t, "", "c1"); });
  REQUIRE(got);
  CHECK(got->run == ref.id);
  CHECK(got->head.type == "msgpack");
  CHECK(got->head.bytes.view() == "head of c1");
  REQUIRE(got->values.size() == 1);
  CHECK(got->values[0].channel == "ch");
  CHECK(got->values[0].data.bytes.view().starts_with("bytes:"));
  REQUIRE(got->view);
  CHECK(got->view->next == std::vector<std::string>{"n1", "n\"2"});
  CHECK(got->view->tasks.view() == R"([{"id":"x"}])");
  CHECK(got->view->shape == std::vector<std::string>{"ch", "empty"});
  REQUIRE(got->writes.size() == 1);
  CHECK(got->writes[0].data.bytes.view() == "w:1");
  // Numbers and the order of keys as they came.
  CHECK(thread(t)->values.view()
        == R"({"ch":{"big":123456789012345678901234567890,"b":1,"a":2}})");
  CHECK_FALSE(read([&](read_tx& tx) { return tx.checkpoint(t, "", "zz"); }));
  CHECK_FALSE(read([&](read_tx& tx) { return tx.checkpoint(t, "s", "c1"); }));
}

STORE_TEST("a channel that a step does not change is stored once") {
  auto t = make_thread();
  auto ref = run_on(t);
  auto one = make_checkpoint("c1", "1");
  auto two = make_checkpoint("c2", "2");
  two.values.clear();
  two.versions = one.versions;
  write([&](write_tx& tx) { return tx.put_checkpoint(ref, t, one); });
  write([&](write_tx& tx) { return tx.put_checkpoint(ref, t, two); });
  CHECK(this->database().number(0, "SELECT count(*) FROM value") == 1);
  auto got = read([&](read_tx& tx) { return tx.checkpoint(t, "", "c2"); });
  REQUIRE(got->values.size() == 1);
  CHECK(got->values[0].json.view() == "1");
}

STORE_TEST("history is newest first by commit, filtered and bounded") {
  auto t = make_thread();
  auto ref = run_on(t);
  for (const auto* id : {"c9", "c1", "c5"}) // Clocks jump.
    put(ref, t, id, "1");
  put(ref, t, "s1", "1", {}, "[]", "sub");
  auto marked = make_checkpoint("c6", "1");
  marked.metadata = json_text{R"({"source":"update","x":{"y":1,"z":2}})"};
  write([&](write_tx& tx) { return tx.put_checkpoint(ref, t, marked); });
  auto ids = [&](checkpoint_query query) {
    query.thread = t;
    std::string out;
    for (auto& c : read([&](read_tx& tx) { return tx.checkpoints(query); }))
      out += c.id + " ";
    return out;
  };
  checkpoint_query query;
  CHECK(ids(query) == "c6 s1 c5 c1 c9 ");
  query.ns = "";
  CHECK(ids(query) == "c6 c5 c1 c9 ");
  query.before = "c5";
  CHECK(ids(query) == "c1 c9 ");
  query.before = "unknown"; // Nothing is cut off, as the API has it.
  CHECK(ids(query) == "c6 c5 c1 c9 ");
  query.before.reset();
  query.limit = 2;
  CHECK(ids(query) == "c6 c5 ");
  query.filter = json_text{R"({"source":"loop"})"};
  CHECK(ids(query) == "c5 c1 ");
  query.filter = json_text{R"({"x":{"y":1}})"};
  CHECK(ids(query) == "c6 ");
  CHECK(
    read([&](read_tx& tx) { return tx.checkpoint(t, "", std::nullopt); })->id
    == "c6");
}

STORE_TEST("results keep the first write, errors and interrupts the last") {
  auto t = make_thread();
  auto ref = run_on(t);
  // Before their checkpoint, too.
  for (auto idx : {0, -3}) {
    put_write(ref, t, "c1", idx, "\"first\"");
    put_write(ref, t, "c1", idx, "\"last\"");
  }
  put_write(ref, t, "c1", 1, "\"one\"");
  put(ref, t, "c1", "1");
  auto got
    = read([&](read_tx& tx) { return tx.checkpoint(t, "", "c1")->writes; });
  REQUIRE(got.size() == 3);
  CHECK(got[0].idx == -3);
  CHECK(got[0].json.view() == "\"last\"");
  CHECK(got[1].json.view() == "\"first\"");
  CHECK(got[2].idx == 1);
}

STORE_TEST("a view may come before its checkpoint") {
  auto t = make_thread();
  auto ref = run_on(t);
  checkpoint_view view{
    "", "c1", std::nullopt, json_text{"{\"v\":1}"}, {"n"}, json_text{"[]"}};
  CHECK(write([&](write_tx& tx) { return tx.put_view(ref, t, view); })
        == fence::taken);
  auto checkpoint = make_checkpoint("c1", "1");
  write([&](write_tx& tx) { return tx.put_checkpoint(ref, t, checkpoint); });
  CHECK(thread(t)->values.view() == "{\"v\":1}");
  view.id = "never";
  write([&](write_tx& tx) { return tx.put_view(ref, t, view); });
  finish(ref);
  CHECK(thread(t)->status == thread_status::interrupted);
  CHECK(this->database().number(0, "SELECT count(*) FROM early_view") == 0);
}

STORE_TEST("a state update belongs to no run, and waits for those in flight") {
  auto t = make_thread();
  auto ref = run_on(t);
  CHECK(put({}, t, "u0", "0") == fence::fenced);
  put(ref, t, "c1", "1", {"n"});
  finish(ref);
  CHECK(put({}, t, "u1", "5", {"m"}) == fence::taken);
  write([&](write_tx& tx) {
    tx.refresh_thread(t, now);
    return 0;
  });
  CHECK(thread(t)->values.view() == "{\"ch\":5}");
  CHECK(thread(t)->status == thread_status::interrupted);
  auto second = run_on(t);
  put(second, t, "c2", "6");
  cancel(t, second.id, cancel_action::rollback);
  effect(second);
  CHECK(thread(t)->values.view() == "{\"ch\":5}");
  CHECK(put({}, next_id<thread_id>(), "u2", "1") == fence::fenced);
}

STORE_TEST("events replay in order, stop at the intent, and expire") {
  auto t = make_thread();
  auto ref = run_on(t, {.resumable = true});
  auto append = [&](std::vector<event_row> events) {
    return write([&](write_tx& tx) { return tx.append_events(ref, events); });
  };
  CHECK(append({{{10, 0}, "values", json_text{"1"}},
                {{10, 1}, "values", json_text{"2"}}})
        == fence::taken);
  CHECK(append({{{9'999'999, 0}, "error", json_text{"3"}}}) == fence::taken);
  auto after = [&](event_id id, std::size_t limit = 10) {
    std::string out;
    for (auto& e :
         read([&](read_tx& tx) { return tx.events(ref.id, id, limit); }))
      out += e.name + e.data.str() + " ";
    return out;
  };
  CHECK(after({-1, 0}) == "values1 values2 error3 ");
  CHECK(after({10, 0}) == "values2 error3 ");
  CHECK(after({10, 0}, 1) == "values2 ");
  auto range = read([&](read_tx& tx) { return tx.event_range(ref.id); });
  REQUIRE(range);
  CHECK(range->first == event_id{10, 0});
  CHECK(range->second == event_id{9'999'999, 0});

  requeue(ref);
  CHECK(append({{{10'000'000, 0}, "x", {}}}) == fence::fenced);
  auto again = start(ref.id);
  CHECK(again->last_event == event_id{9'999'999, 0});
  ref.epoch = again->row.epoch;
  cancel(t, ref.id, cancel_action::interrupt);
  CHECK(append({{{10'000'000, 0}, "x", {}}}) == fence::stopping);
  auto expire = [&](timestamp before) {
    return write([&](write_tx& tx) { return tx.expire_events(before, 10); });
  };
  CHECK(expire(now + std::chrono::hours{1}) == 0); // It is not over.
  effect(ref);
  CHECK(expire(now) == 0);
  CHECK(expire(now + std::chrono::hours{1}) == 1);
  CHECK_FALSE(read([&](read_tx& tx) { return tx.event_range(ref.id); }));
  CHECK(status(t, ref.id) == run_status::interrupted);
}

STORE_TEST("threads are found by metadata, values and status") {
  auto a = make_thread(R"({"user":"ann","n":1,"tags":["x","y"],"o":{"k":1}})");
  auto b = make_thread(R"({"user":"bob","n":1.0,"o":{"k":2}})");
  auto c = make_thread(R"({"user":"ann","n":2})");
  auto found = [&](thread_query query) {
    auto threads = read([&](read_tx& tx) { return tx.search_threads(query); });
    CHECK(read([&](read_tx& tx) { return tx.count_threads(query); })
          >= threads.size());
    std::vector<thread_id> out;
    for (auto& thread : threads)
      out.push_back(thread.id);
    return out;
  };
  auto by = [&](const char* metadata) {
    thread_query query;
    query.metadata = json_text{metadata};
    return found(query);
  };
  using ids = std::vector<thread_id>;
  CHECK(found({}) == ids{c, b, a});
  CHECK(by(R"({"user":"ann"})") == ids{c, a});
  CHECK(by(R"({"n":1})") == ids{b, a});
  CHECK(by(R"({"user":"ann","n":1})") == ids{a});
  CHECK(by(R"({"o":{"k":2}})") == ids{b});
  CHECK(by(R"({"o":{}})") == ids{b, a});
  CHECK(by(R"({"tags":["y"]})") == ids{a});
  CHECK(by(R"({"tags":["z"]})").empty());
  CHECK(by(R"({"user":"nobody"})").empty());
  CHECK(by("{}") == ids{c, b, a});

  write([&](write_tx& tx) {
    return tx.update_thread(a, json_text{R"({"user":"eve"})"}, json_text{"{}"},
                            tick());
  });
  CHECK(by(R"({"user":"ann"})") == ids{c});
  CHECK(by(R"({"user":"eve"})") == ids{a});
  CHECK(found({}) == ids{a, c, b}); // By `updated`.

  auto ref = run_on(b);
  put(ref, b, "c1", R"({"deep":[1,{"x":2}]})");
  thread_query query;
  query.status = thread_status::busy;
  CHECK(found(query) == ids{b});
  query.status = thread_status::idle;
  CHECK(found(query) == ids{a, c});
  query.status.reset();
  query.values = json_text{R"({"ch":{"deep":[{"x":2}]}})"};
  CHECK(found(query) == ids{b});
  query = {};
  query.ids = {c, a, next_id<thread_id>(), a};
  query.sort = thread_query::key::created;
  query.order = sort_order::ascending;
  CHECK(found(query) == ids{a, c});
  query.offset = 1;
  CHECK(found(query) == ids{c});
  query = {};
  query.sort = thread_query::key::status;
  query.order = sort_order::ascending;
  CHECK(found(query) == ids{b, a, c}); // busy, idle, idle
}

STORE_TEST("pages of a search join without gap or double") {
  for (int i = 0; i < 25; ++i)
    make_thread(i % 2 == 0 ? R"({"even":true})" : "{}");
  for (auto key : {thread_query::key::id, thread_query::key::status,
                   thread_query::key::created, thread_query::key::updated,
                   thread_query::key::state_updated}) {
    thread_query query;
    query.metadata = json_text{R"({"even":true})"};
    query.sort = key;
    query.limit = 4;
    std::vector<thread_id> seen;
    for (;;) {
      auto page = read([&](read_tx& tx) { return tx.search_threads(query); });
      for (auto& thread : page)
        seen.push_back(thread.id);
      if (page.size() < query.limit)
        break;
      query.offset += query.limit;
    }
    CHECK(seen.size() == 13);
    std::sort(seen.begin(), seen.end());
    CHECK(std::unique(seen.begin(), seen.end()) == seen.end());
  }
}

STORE_TEST("a copy shows what the original shows, and nothing of its runs") {
  auto t = make_thread(R"({"user":"ann"})");
  auto ref = run_on(t);
  put(ref, t, "c1", "1", {"n"});
  put(ref, t, "c2", "2", {"n"});
  put_write(ref, t, "c2", 0, "1");
  live_state_row live{json_text{"{\"ch\":9}"}, {"b"}, json_text{"[]"}, {}};
  write([&](write_tx& tx) { return tx.put_live_state(ref, t, live); });
  auto to = next_id<thread_id>();
  CHECK(write([&](write_tx& tx) { return tx.copy_thread(t, to, now); }));
  auto copy = thread(to);
  REQUIRE(copy);
  CHECK(copy->status == thread_status::idle);
  CHECK(copy->metadata.view() == R"({"user":"ann"})");
  CHECK(copy->values.view() == "{\"ch\":9}");
  auto last
    = read([&](read_tx& tx) { return tx.checkpoint(to, "", std::nullopt); });
  REQUIRE(last);
  CHECK(last->id == "c2");
  CHECK_FALSE(last->run);
  REQUIRE(last->values.size() == 1);
  CHECK(last->values[0].json.view() == "2");
  CHECK(last->writes.size() == 1);
  // Each goes its own way.
  cancel(t, ref.id, cancel_action::rollback);
  effect(ref);
  CHECK(thread(t)->values.empty());
  CHECK(thread(to)->values.view() == "{\"ch\":9}");
  thread_query query;
  query.metadata = json_text{R"({"user":"ann"})"};
  CHECK(read([&](read_tx& tx) { return tx.count_threads(query); }) == 2);
  CHECK_FALSE(write([&](write_tx& tx) {
    return tx.copy_thread(next_id<thread_id>(), next_id<thread_id>(), now);
  }));
}

STORE_TEST("assistants: put, find, page, remove") {
  for (int i = 0; i < 4; ++i) {
    assistant_record a;
    a.id = next_id<assistant_id>();
    a.graph = i < 2 ? "g" : "h";
    a.name = "Name " + std::to_string(i);
    a.config = a.context = json_text{"{}"};
    a.metadata = json_text{i == 3 ? R"({"k":[1]})" : "{}"};
    a.created = a.updated = tick();
    write([&](write_tx& tx) {
      tx.put_assistant(a);
      a.version = 2;
      tx.put_assistant(a);
      return 0;
    });
  }
  auto names = [&](const assistant_query& query) {
    std::string out;
    for (auto& a :
         read([&](read_tx& tx) { return tx.search_assistants(query); })) {
      CHECK(a.version == 2);
      out += a.name.substr(5);
    }
    return out;
  };
  CHECK(names({}) == "3210");
  assistant_query query;
  query.graph = "g";
  CHECK(names(query) == "10");
  CHECK(read([&](read_tx& tx) { return tx.count_assistants(query); }) == 2);
  query = {};
  query.name = "nAmE 2";
  CHECK(names(query) == "2");
  query = {};
  query.metadata = json_text{R"({"k":[1]})"};
  CHECK(names(query) == "3");
  query = {};
  query.sort = assistant_query::key::name;
  query.order = sort_order::ascending;
  query.offset = 1;
  query.limit = 2;
  CHECK(names(query) == "12");
  auto first = read([&](read_tx& tx) { return tx.search_assistants(query); });
  CHECK(write([&](write_tx& tx) { return tx.remove_assistant(first[0].id); }));
  CHECK_FALSE(
    write([&](write_tx& tx) { return tx.remove_assistant(first[0].id); }));
  CHECK_FALSE(read([&](read_tx& tx) { return tx.assistant(first[0].id); }));
}
