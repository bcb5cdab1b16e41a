#include "tests/store/fixture.hpp"

// Boot, deletes.

using namespace heddle;
using enum cancel_action;

namespace {

recovery recover(test::fixture& on) {
  on.tick();
  return on.write([&](write_tx& tx) { return tx.recover(3, on.now); });
}

} // namespace

STORE_TEST(
  "recovery: intents take effect, the rest is requeued with a strike") {
  auto interrupted = make_thread();
  auto a = run_on(interrupted);
  put(a, interrupted, "c1", "1", {"x"});
  cancel(interrupted, a.id, interrupt);
  auto undone = make_thread();
  auto b = run_on(undone);
  put(b, undone, "c1", "1", {"x"});
  cancel(undone, b.id, rollback);
  auto again = make_thread();
  auto c = run_on(again);
  put(c, again, "c1", "1", {"x"});
  auto waiting = create(again);
  auto stateless = make_thread();
  auto d = create(stateless, {.temporary = true});
  start(d.id);
  cancel(stateless, d.id, interrupt);

  restart();
  auto got = recover(*this);
  CHECK(got.interrupted == 2);
  CHECK(got.rolled_back == 1);
  CHECK(got.requeued == 1);
  CHECK(got.failed == 0);
  CHECK(status(interrupted, a.id) == run_status::interrupted);
  CHECK(thread(interrupted)->status == thread_status::interrupted);
  CHECK_FALSE(run(undone, b.id));
  CHECK(thread(undone)->values.empty());
  CHECK_FALSE(thread(stateless));
  CHECK(status(again, c.id) == run_status::pending);
  CHECK(ready() == std::vector{c.id});
  CHECK(status(again, waiting.id) == run_status::pending);
  CHECK(hooks().size() == 3);

  // Twice is once.
  auto before = dump();
  auto twice = recover(*this);
  CHECK(twice.interrupted + twice.rolled_back + twice.requeued + twice.failed
        == 0);
  CHECK(dump() == before);
  CHECK(start(c.id)->resume);
}

STORE_TEST("the third strike ends a run as error") {
  auto t = make_thread();
  auto r = create(t);
  for (int strike = 1; strike <= 3; ++strike) {
    REQUIRE(start(r.id));
    restart();
    auto got = recover(*this);
    CHECK(got.requeued == (strike < 3 ? 1 : 0));
    CHECK(got.failed == (strike < 3 ? 0 : 1));
  }
  CHECK(status(t, r.id) == run_status::error);
  CHECK(thread(t)->status == thread_status::error);
  CHECK(thread(t)->error.str().find("Run " + r.id.str()
                                    + " exceeded max attempts (3).")
        != std::string::npos);
  CHECK(hooks().size() == 1);
}

STORE_TEST("a requeue without a strike never ends a run") {
  auto t = make_thread();
  auto r = create(t);
  for (int i = 0; i < 5; ++i)
    CHECK(requeue({r.id, start(r.id)->row.epoch}).what
          == leave_outcome::kind::left);
  start(r.id);
  CHECK(recover(*this).requeued == 1);
}

STORE_TEST("deleting an idle thread removes every row of it") {
  auto empty = dump();
  auto t = make_thread(R"({"a":{"b":1},"l":[1,2]})");
  auto ref = run_on(t, {.resumable = true, .webhook = ""});
  put(ref, t, "c1", "1");
  put_write(ref, t, "c1", 0, "1");
  write([&](write_tx& tx) {
    return tx.append_events(ref, {{{1, 0}, "values", json_text{"1"}}});
  });
  finish(ref);
  create(t);
  auto got
    = write([&](write_tx& tx) { return tx.delete_thread(t, "deleted", now); });
  REQUIRE(got);
  CHECK(got->empty());
  CHECK_FALSE(thread(t));
  CHECK(dump() == empty);
  CHECK_FALSE(write([&](write_tx& tx) {
    return tx.delete_thread(t, "deleted", now).has_value();
  }));
}

STORE_TEST("deleting a thread that executes: absent, then gone") {
  auto empty = dump({"outbox"});
  auto t = make_thread();
  auto ref = run_on(t);
  put(ref, t, "c1", "1");
  auto queued = create(t);
  auto got
    = write([&](write_tx& tx) { return tx.delete_thread(t, "deleted", now); });
  REQUIRE(got);
  REQUIRE(got->size() == 1);
  CHECK((*got)[0].id == ref.id);
  CHECK((*got)[0].cancel == rollback);
  CHECK_FALSE(thread(t));
  CHECK_FALSE(run(t, ref.id));
  CHECK_FALSE(run(t, queued.id));
  CHECK_FALSE(read([&](read_tx& tx) { return tx.row(queued.id); }));
  CHECK(cancel(t, ref.id, interrupt).what == cancel_outcome::kind::absent);
  CHECK(read([](read_tx& tx) { return tx.count_threads({}); }) == 0);
  CHECK(read([](read_tx& tx) { return tx.search_threads({}); }).empty());
  thread_record same;
  same.id = t;
  CHECK_FALSE(write([&](write_tx& tx) { return tx.insert_thread(same); }));
  CHECK(put(ref, t, "c2", "2") == fence::stopping);
  auto left = effect(ref);
  CHECK(left.thread_gone);
  CHECK(dump({"outbox"}) == empty);
}

STORE_TEST("a thread being deleted is gone after a crash, too") {
  auto t = make_thread();
  auto ref = run_on(t);
  write([&](write_tx& tx) { return tx.delete_thread(t, "deleted", now); });
  restart();
  CHECK(recover(*this).rolled_back == 1);
  CHECK(this->database().number(0, "SELECT count(*) FROM thread") == 0);
  CHECK_FALSE(read([&](read_tx& tx) { return tx.row(ref.id); }));
}

STORE_TEST("deleting runs: pending, running, finished, absent") {
  auto t = make_thread();
  auto remove = [&](const run_id& id) {
    return write(
      [&](write_tx& tx) { return tx.delete_run(t, id, "deleted", now); });
  };
  using kind = delete_outcome::kind;
  CHECK(remove(next_id<run_id>()).what == kind::absent);
  auto a = run_on(t);
  auto b = create(t);
  CHECK(remove(b.id).what == kind::gone);
  auto got = remove(a.id);
  CHECK(got.what == kind::stopping);
  REQUIRE(got.running);
  CHECK(got.running->cancel == rollback);
  CHECK(got.running->flags.deleting);
  CHECK_FALSE(run(t, a.id));
  CHECK(thread(t)->status == thread_status::busy);
  CHECK(remove(a.id).what == kind::absent);
  CHECK(cancel(t, a.id, interrupt).what == cancel_outcome::kind::absent);
  effect(a);
  CHECK(thread(t)->status == thread_status::idle);
  CHECK_FALSE(read([&](read_tx& tx) { return tx.row(a.id); }));
}

STORE_TEST("deleting a finished middle run keeps what others refer to") {
  auto t = make_thread();
  std::vector<run_ref> runs;
  new_checkpoint shared;
  for (int i = 0; i < 3; ++i) {
    auto ref = run_on(t);
    auto id = "c" + std::to_string(i);
    auto checkpoint = make_checkpoint(id, std::to_string(i));
    if (i == 1) { // A second channel, which the third run does not change.
      checkpoint.values.push_back(
        {"kept", "k1", {"msgpack", json_text{"kept"}}, json_text{"7"}});
      checkpoint.versions.emplace_back("kept", "k1");
      shared = checkpoint;
    }
    if (i == 2)
      checkpoint.versions.emplace_back("kept", "k1");
    write([&](write_tx& tx) { return tx.put_checkpoint(ref, t, checkpoint); });
    put_write(ref, t, id, 0, "1");
    finish(ref);
    runs.push_back(ref);
  }
  put_write(run_on(t), t, "c1", 1, "1"); // A resume hangs on the middle one.
  auto count = [&](const char* sql) { return this->database().number(0, sql); };
  CHECK(write([&](write_tx& tx) {
          return tx.delete_run(t, runs[1].id, "deleted", now).what;
        })
        == delete_outcome::kind::gone);
  auto last = read([&](read_tx& tx) { return tx.checkpoint(t, "", "c2"); });
  REQUIRE(last);
  REQUIRE(last->values.size() == 2);
  CHECK(last->values[1].channel == "kept");
  CHECK(last->values[1].json.view() == "7");
  CHECK_FALSE(read([&](read_tx& tx) { return tx.checkpoint(t, "", "c1"); }));
  CHECK(count("SELECT count(*) FROM value") == 3);
  CHECK(count("SELECT count(*) FROM write WHERE checkpoint='c1'") == 0);
  CHECK(count("SELECT count(*) FROM write") == 2);
}
