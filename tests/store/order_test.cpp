#include "tests/store/fixture.hpp"

// Which run of a thread starts next, and the one view of a status.

using namespace heddle;
using enum cancel_action;

STORE_TEST("runs of a thread start one by one in the order of their creation") {
  auto t = make_thread();
  auto a = create(t);
  auto b = create(t);
  auto c = create(t);
  CHECK(a.head);
  CHECK_FALSE(b.head);
  CHECK(ready() == std::vector{a.id});
  CHECK_FALSE(start(b.id));
  auto started = start(a.id);
  REQUIRE(started);
  CHECK(started->graph == "graph");
  CHECK(started->kwargs.view() == R"({"input":{"n":1}})");
  CHECK(started->row.attempt == 1);
  CHECK_FALSE(started->resume);
  CHECK_FALSE(start(a.id));
  CHECK_FALSE(start(b.id));
  CHECK(ready().empty());
  finish({a.id, started->row.epoch});
  CHECK(ready() == std::vector{b.id});
  CHECK(cancel(t, b.id, rollback).advance == t);
  CHECK(ready() == std::vector{c.id});
}

STORE_TEST("a deferred run blocks nobody, and is overtaken while it waits") {
  auto t = make_thread();
  auto later = create(t, {.after = std::chrono::seconds{60}});
  CHECK(later.head);
  CHECK(ready().empty());
  CHECK(read([&](read_tx& tx) { return tx.next_due(now); }) == later.due);
  auto soon = create(t);
  CHECK(soon.head);
  CHECK(ready() == std::vector{soon.id});
  auto third = create(t);
  CHECK_FALSE(third.head);
  auto first = *start(soon.id);
  finish({soon.id, first.row.epoch});
  CHECK(ready() == std::vector{third.id});
  now += std::chrono::seconds{61};
  CHECK(ready() == std::vector{third.id});
  cancel(t, third.id, interrupt);
  CHECK(ready() == std::vector{later.id});
}

STORE_TEST("an earlier due run takes the head from a later one") {
  auto t = make_thread();
  create(t, {.after = std::chrono::seconds{60}});
  auto middle = create(t, {.after = std::chrono::seconds{30}});
  CHECK(middle.head);
  auto heads = read([&](read_tx& tx) {
    std::size_t out = 0;
    for (auto& row : tx.live_rows(t, 10))
      out += row.head ? 1 : 0;
    return out;
  });
  CHECK(heads == 1);
}

STORE_TEST("ready runs come in the order of due and creation, in windows") {
  std::vector<run_id> all;
  for (int i = 0; i < 10; ++i)
    all.push_back(create(make_thread()).id);
  std::vector<run_id> seen;
  ready_position at;
  for (;;) {
    auto window
      = read([&](read_tx& tx) { return tx.ready_runs(now, at, 3, {}); });
    if (window.empty())
      break;
    for (auto& run : window)
      seen.push_back(run.run);
    at = window.back().at;
  }
  CHECK(seen == all);
}

STORE_TEST("what had begun keeps its place, unless its retry waits") {
  auto first = create(make_thread()).id;
  auto begun = run_ref{first, start(first)->row.epoch};
  tick();
  auto second = create(make_thread()).id;
  tick();
  requeue(begun);
  CHECK(ready() == std::vector{first, second});
  begun.epoch = start(first)->row.epoch;
  requeue(begun, true, std::chrono::seconds{1});
  CHECK(ready() == std::vector{second});
  now += std::chrono::seconds{1};
  CHECK(ready() == std::vector{second, first});
}

STORE_TEST("a struck run wants a process of its own") {
  auto t = make_thread();
  auto ref = run_on(t);
  requeue(ref, true);
  auto ready
    = read([&](read_tx& tx) { return tx.ready_runs(now, {}, 10, {}); });
  REQUIRE(ready.size() == 1);
  CHECK(ready[0].alone);
  CHECK(ready[0].thread == t);
}

STORE_TEST("a requeue raises the epoch and fences the old worker") {
  auto t = make_thread();
  auto ref = run_on(t);
  put(ref, t, "c1", "1");
  CHECK(requeue(ref).status == run_status::pending);
  CHECK(put(ref, t, "c2", "2") == fence::fenced);
  CHECK(finish(ref).what == leave_outcome::kind::fenced);
  auto again = start(ref.id);
  REQUIRE(again);
  CHECK(again->row.epoch > ref.epoch);
  CHECK(again->row.attempt == 2);
  CHECK(again->resume);
  CHECK(put(ref, t, "c2", "2") == fence::fenced);
  CHECK(put({ref.id, again->row.epoch}, t, "c2", "2") == fence::taken);
}

STORE_TEST("resume only if the store holds something of this very run") {
  auto t = make_thread();
  auto first = run_on(t);
  put(first, t, "c1", "1");
  finish(first);
  auto second = run_on(t);
  requeue(second);
  CHECK_FALSE(start(second.id)->resume);
  auto row = read([&](read_tx& tx) { return *tx.row(second.id); });
  put_write({second.id, row.epoch}, t, "c1", 0, "1");
  requeue({second.id, row.epoch});
  CHECK(start(second.id)->resume);
}

STORE_TEST("a worker cannot write to another thread") {
  auto t = make_thread();
  auto other = make_thread();
  auto ref = run_on(t);
  CHECK(put(ref, other, "c1", "1") == fence::fenced);
  CHECK(put_write(ref, other, "c1", 0, "1") == fence::fenced);
}

STORE_TEST("the status of a thread follows how its run ended") {
  auto t = make_thread();
  CHECK(thread(t)->status == thread_status::idle);
  CHECK(thread(t)->error.empty());
  CHECK(thread(t)->interrupts.empty());
  auto a = run_on(t);
  auto queued = create(t);
  CHECK(thread(t)->status == thread_status::busy);
  finish(a, run_status::error, R"({"error":"E","message":"m"})");
  CHECK(thread(t)->status == thread_status::busy);
  cancel(t, queued.id, interrupt);
  CHECK(thread(t)->status == thread_status::error);
  CHECK(thread(t)->error.view() == R"({"error":"E","message":"m"})");
  auto b = run_on(t);
  put(b, t, "c1", "1");
  finish(b);
  CHECK(thread(t)->status == thread_status::idle);
  CHECK(thread(t)->error.view() == "null");
  CHECK(thread(t)->interrupts.view() == "{}");
  auto c = run_on(t);
  put(c, t, "c2", "1", {"next"});
  finish(c, run_status::timeout, R"({"error":"T","message":"m"})");
  CHECK(thread(t)->status == thread_status::error);
  write([&](write_tx& tx) {
    tx.refresh_thread(t, now);
    return 0;
  });
  CHECK(thread(t)->status == thread_status::interrupted);
  CHECK(thread(t)->error.view() == "null");
}

STORE_TEST("runs are listed newest first, a deferred one before all") {
  auto t = make_thread();
  auto a = create(t);
  auto b = create(t);
  auto later = create(t, {.after = std::chrono::seconds{60}});
  auto list = [&](run_query query) {
    query.thread = t;
    std::vector<run_id> out;
    for (auto& run : read([&](read_tx& tx) { return tx.list_runs(query); }))
      out.push_back(run.id);
    return out;
  };
  run_query all;
  CHECK(list(all) == std::vector{later.id, b.id, a.id});
  run_query page;
  page.limit = 1;
  page.offset = 1;
  CHECK(list(page) == std::vector{b.id});
  cancel(t, b.id, interrupt);
  run_query some;
  some.status = run_status::pending;
  CHECK(list(some) == std::vector{later.id, a.id});
  some.status = run_status::interrupted;
  CHECK(list(some) == std::vector{b.id});
  CHECK(read([&](read_tx& tx) { return tx.live_runs(t, 10); })
        == std::vector{a.id, later.id});
}

STORE_TEST("counts and what is in flight") {
  auto t = make_thread();
  auto ref = run_on(t);
  auto queued = create(t);
  auto counts = read([](read_tx& tx) { return tx.counts(); });
  CHECK(counts.pending == 1);
  CHECK(counts.running == 1);
  CHECK(counts.oldest_due == queued.due);
  auto live = read([](read_tx& tx) {
    return tx.live_by_status({true, true}, 1);
  });
  CHECK(live.matched == 2);
  REQUIRE(live.runs.size() == 1);
  CHECK(live.runs[0].first.id == ref.id);
  CHECK(live.runs[0].second == run_status::running);
  CHECK(read([](read_tx& tx) {
          return tx.live_by_status({true, false}, 9);
        }).matched
        == 1);
}
