#include "tests/store/fixture.hpp"

#include <set>

// Many at once: mark, then slices.

using namespace heddle;
using enum cancel_action;

namespace {

bulk_mark mark(test::fixture& on, const bulk_selector& what,
               cancel_action action) {
  on.tick();
  return on.write(
    [&](write_tx& tx) { return tx.mark_runs(what, action, "bulk", on.now); },
    lane::urgent);
}

bool slice(test::fixture& on) {
  return on
    .write([&](write_tx& tx) {
      return tx.bulk_slice(std::chrono::milliseconds{2}, on.now);
    })
    .more;
}

std::int64_t rows(test::fixture& on, const char* sql) {
  return on.database().number(0, sql);
}

} // namespace

STORE_TEST("a mark is seen at once, by every reader, before any slice") {
  auto t = make_thread();
  auto ref = run_on(t);
  auto a = create(t);
  auto lone = make_thread();
  auto b = create(lone);
  auto begun = this->rows().marks_begun();
  auto got = mark(*this, by_status{true, false}, interrupt);
  CHECK(this->rows().marks_begun() == begun + 1);
  CHECK(got.matched == 2);
  CHECK(got.work);
  CHECK(got.running.empty());
  REQUIRE(got.receipt.size() == 2);
  CHECK(got.receipt[0].second == run_status::pending);
  for (auto& [t2, r] : {std::pair{t, a.id}, std::pair{lone, b.id}}) {
    CHECK(status(t2, r) == run_status::interrupted);
    CHECK(run(t2, r)->cancel_reason == "bulk");
  }
  CHECK(thread(lone)->status == thread_status::idle);
  CHECK(thread(t)->status == thread_status::busy); // Of the running one.
  CHECK(ready().empty());
  CHECK_FALSE(start(b.id));
  CHECK(read([](read_tx& tx) { return tx.counts().pending; }) == 0);
  CHECK_FALSE(read([&](read_tx& tx) { return tx.has_live_run(lone); }));
  CHECK(read([&](read_tx& tx) { return tx.live_runs(lone, 9); }).empty());
  thread_query busy;
  busy.status = thread_status::busy;
  CHECK(read([&](read_tx& tx) { return tx.count_threads(busy); }) == 1);
  // Marked: over for a cancel, absent for a second mark.
  CHECK(cancel(lone, b.id, rollback).what == cancel_outcome::kind::terminal);
  CHECK(mark(*this, by_status{true, false}, rollback).matched == 0);

  while (slice(*this)) {}
  CHECK(status(lone, b.id) == run_status::interrupted);
  CHECK(run(lone, b.id)->cancel_reason == "bulk");
  CHECK(hooks().empty());
  CHECK(::rows(*this, "SELECT count(*) FROM run WHERE status=0") == 0);
  CHECK(::rows(*this, "SELECT count(*) FROM bulk") == 0);
  CHECK(finish(ref).what == leave_outcome::kind::left);
}

STORE_TEST("rollback by status: absent at once, rows gone by the slices") {
  auto t = make_thread();
  auto before = dump();
  std::vector<run_id> all;
  for (int i = 0; i < 20; ++i)
    all.push_back(create(t).id);
  CHECK(mark(*this, by_status{true, true}, rollback).matched == 20);
  CHECK_FALSE(run(t, all[3]));
  CHECK(cancel(t, all[3], interrupt).what == cancel_outcome::kind::absent);
  CHECK(thread(t)->status == thread_status::idle);
  int slices = 0;
  while (slice(*this))
    ++slices;
  CHECK(slices >= 2);
  CHECK(dump() == before);
}

STORE_TEST("running runs are raised and told, pending ones marked") {
  auto t = make_thread();
  auto ref = run_on(t);
  create(t);
  auto got = mark(*this, by_status{true, true}, interrupt);
  CHECK(got.matched == 2);
  CHECK(write([&](write_tx& tx) {
          return tx.mark_runs(by_status{true, true}, interrupt, "", now, false)
            .receipt.size();
        })
        == 0);
  REQUIRE(got.running.size() == 1);
  CHECK(got.running[0].id == ref.id);
  CHECK(got.running[0].cancel == interrupt);
  CHECK(status(t, ref.id) == run_status::running);
  // All of it is stopping already: still a match, nothing is written.
  while (slice(*this)) {}
  auto before = dump();
  CHECK(mark(*this, by_status{true, true}, interrupt).matched == 1);
  CHECK(dump() == before);
  CHECK(mark(*this, by_status{false, true}, rollback).running[0].cancel
        == rollback);
  effect(ref);
  CHECK(mark(*this, by_status{true, true}, interrupt).matched == 0);
}

STORE_TEST("runs between attempts and stateless ones end with the mark") {
  auto t = make_thread();
  auto ref = run_on(t);
  put(ref, t, "c1", "1", {"x"});
  requeue(ref);
  auto temp = make_thread();
  auto gone = create(temp, {.temporary = true});
  auto got = mark(*this, by_status{true, false}, interrupt);
  CHECK(got.matched == 2);
  CHECK_FALSE(got.work);
  CHECK(thread(t)->status == thread_status::interrupted);
  CHECK_FALSE(thread(temp));
  CHECK_FALSE(run(temp, gone.id));
  CHECK(hooks().size() == 1);
}

STORE_TEST("runs created after the mark are not touched by its slices") {
  auto t = make_thread();
  std::vector<run_id> old;
  for (int i = 0; i < 12; ++i)
    old.push_back(create(t).id);
  mark(*this, by_status{true, false}, interrupt);
  auto fresh = create(t);
  CHECK(fresh.head);
  CHECK(ready() == std::vector{fresh.id});
  CHECK(thread(t)->status == thread_status::busy);
  REQUIRE(start(fresh.id));
  while (slice(*this)) {}
  CHECK(status(t, fresh.id) == run_status::running);
  for (auto& id : old)
    CHECK(status(t, id) == run_status::interrupted);
}

STORE_TEST("a crash between slices loses nothing of a mark") {
  std::vector<std::pair<thread_id, run_id>> all;
  for (int i = 0; i < 30; ++i) {
    auto t = make_thread();
    all.emplace_back(t, create(t).id);
  }
  mark(*this, by_status{true, false}, interrupt);
  CHECK(slice(*this));
  restart();
  auto fresh = create(all[0].first);
  CHECK(slice(*this));
  restart();
  write([&](write_tx& tx) { return tx.recover(3, now).requeued; });
  for (auto& [t, r] : all)
    CHECK(status(t, r) == run_status::interrupted);
  while (slice(*this)) {}
  for (auto& [t, r] : all) {
    CHECK(status(t, r) == run_status::interrupted);
    CHECK(run(t, r)->cancel_reason == "bulk");
  }
  CHECK(::rows(*this, "SELECT count(*) FROM run WHERE status=0") == 1);
  CHECK(status(all[0].first, fresh.id) == run_status::pending);
  CHECK(start(fresh.id));
}

STORE_TEST("by assistant: only its runs, and the others move up") {
  auto mine = next_id<assistant_id>();
  auto t = make_thread();
  auto a = create(t, {.assistant = mine});
  auto b = create(t);
  auto other = make_thread();
  auto c = create(other, {.assistant = mine});
  auto started = start(c.id);
  auto got = mark(*this, by_assistant{mine}, interrupt);
  CHECK(got.matched == 2);
  REQUIRE(got.running.size() == 1);
  CHECK(got.running[0].id == c.id);
  CHECK(status(t, b.id) == run_status::pending);
  std::set<thread_id> advanced(got.advanced.begin(), got.advanced.end());
  for (bool more = got.work; more;) {
    auto out = write([&](write_tx& tx) {
      return tx.bulk_slice(std::chrono::milliseconds{2}, now);
    });
    advanced.insert(out.advanced.begin(), out.advanced.end());
    more = out.more;
  }
  CHECK(status(t, a.id) == run_status::interrupted);
  CHECK(advanced == std::set{t});
  CHECK(ready() == std::vector{b.id});
}

STORE_TEST("two marks: each run keeps the action and reason of its own") {
  auto mine = next_id<assistant_id>();
  std::vector<std::pair<thread_id, run_id>> first;
  std::vector<std::pair<thread_id, run_id>> second;
  for (int i = 0; i < 20; ++i) {
    auto t = make_thread();
    first.emplace_back(t, create(t, {.assistant = mine}).id);
    auto u = make_thread();
    second.emplace_back(u, create(u).id);
  }
  write([&](write_tx& tx) {
    return tx.mark_runs(by_assistant{mine}, interrupt, "one", now).matched;
  });
  slice(*this);
  write([&](write_tx& tx) {
    return tx.mark_runs(by_status{true, true}, rollback, "two", now).matched;
  });
  for (auto& [t, r] : first)
    CHECK(run(t, r)->cancel_reason == "one");
  while (slice(*this)) {}
  for (auto& [t, r] : first) {
    CHECK(status(t, r) == run_status::interrupted);
    CHECK(run(t, r)->cancel_reason == "one");
  }
  for (auto& [t, r] : second)
    CHECK_FALSE(run(t, r));
}

STORE_TEST("by ids: known, unknown, finished, doubled, of another thread") {
  auto t = make_thread();
  auto done = run_on(t);
  finish(done);
  auto ref = run_on(t);
  auto a = create(t);
  auto b = create(t);
  auto other = create(make_thread());
  by_ids what{t, {a.id, a.id, done.id, ref.id, other.id, next_id<run_id>()}};
  auto got = mark(*this, what, interrupt);
  CHECK(got.found == 3);
  CHECK(got.matched == 2);
  CHECK_FALSE(got.work);
  CHECK(got.running.size() == 1);
  CHECK(got.receipt.size() == 2);
  CHECK(status(t, a.id) == run_status::interrupted);
  CHECK(status(t, b.id) == run_status::pending);
  CHECK(status(other.thread, other.id) == run_status::pending);
  auto none = mark(*this, by_ids{t, {done.id}}, interrupt);
  CHECK(none.found == 1);
  CHECK(none.matched == 0);
}

STORE_TEST("by ids: above a thousand by a mark, the rest moves up") {
  auto t = make_thread();
  by_ids what{t, {}};
  write([&](write_tx& tx) {
    for (int i = 0; i < 1500; ++i)
      what.runs.push_back(tx.insert_run(make_run(t)).id);
    return 0;
  });
  auto last = create(t);
  auto got = mark(*this, what, rollback);
  CHECK(got.matched == 1500);
  CHECK(got.found == 1500);
  CHECK(got.work);
  CHECK_FALSE(run(t, what.runs[700]));
  CHECK(status(t, last.id) == run_status::pending);
  while (slice(*this)) {}
  CHECK(::rows(*this, "SELECT count(*) FROM run") == 1);
  CHECK(ready() == std::vector{last.id});
}
