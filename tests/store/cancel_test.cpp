#include "tests/store/fixture.hpp"

#include <nlohmann/json.hpp>

// The cells of the table in docs/cancel.md, "By state".

using namespace heddle;
using kind = cancel_outcome::kind;
using enum cancel_action;

namespace {

nlohmann::json body_of(const outbox_row& hook) {
  return nlohmann::json::parse(hook.body.view());
}

} // namespace

STORE_TEST("cancel of an absent run") {
  auto t = make_thread();
  auto other = make_thread();
  auto r = create(other);
  CHECK(cancel(t, next_id<run_id>(), interrupt).what == kind::absent);
  CHECK(cancel(next_id<thread_id>(), r.id, interrupt).what == kind::absent);
  CHECK(cancel(t, r.id, rollback).what == kind::absent);
  CHECK(status(other, r.id) == run_status::pending);
}

STORE_TEST("interrupt of a pending run that no worker ever had") {
  auto t = make_thread();
  auto before = thread(t);
  auto r = create(t);
  CHECK(thread(t)->status == thread_status::busy);
  auto out = cancel(t, r.id, interrupt);
  CHECK(out.what == kind::ended);
  CHECK(out.was == run_status::pending);
  CHECK_FALSE(out.advance);
  CHECK(status(t, r.id) == run_status::interrupted);
  CHECK(run(t, r.id)->cancel_reason == "because");
  CHECK(thread(t)->status == thread_status::idle);
  CHECK(thread(t)->error.empty());
  CHECK(thread(t)->updated == before->updated);
  CHECK(hooks().empty());
  CHECK_FALSE(start(r.id));
}

STORE_TEST("rollback of a pending run that no worker ever had") {
  auto t = make_thread();
  auto before = dump();
  auto r = create(t);
  CHECK(cancel(t, r.id, rollback).what == kind::ended);
  CHECK_FALSE(run(t, r.id));
  CHECK(dump() == before);
  CHECK_FALSE(start(r.id));
}

STORE_TEST("interrupt of a run between attempts") {
  auto t = make_thread();
  auto ref = run_on(t);
  put(ref, t, "c1", R"({"a":1})", {"work"});
  CHECK(requeue(ref).what == leave_outcome::kind::left);
  CHECK(status(t, ref.id) == run_status::pending);
  auto out = cancel(t, ref.id, interrupt);
  CHECK(out.what == kind::ended);
  CHECK(status(t, ref.id) == run_status::interrupted);
  auto row = thread(t);
  CHECK(row->status == thread_status::interrupted);
  CHECK(row->error.view()
        == R"({"error":"UserInterrupt","message":"because"})");
  CHECK(row->values.view() == R"({"ch":{"a":1}})");
  REQUIRE(hooks().size() == 1);
  CHECK(body_of(hooks()[0])["status"] == "interrupted");
  CHECK(body_of(hooks()[0])["values"]["ch"]["a"] == 1);
}

STORE_TEST("rollback of a run between attempts") {
  auto t = make_thread();
  auto before = dump();
  auto ref = run_on(t, {.webhook = ""});
  put(ref, t, "c1", R"({"a":1})", {"work"});
  put_write(ref, t, "c1", 0, "1");
  requeue(ref, true);
  CHECK(cancel(t, ref.id, rollback).what == kind::ended);
  CHECK(dump() == before);
}

STORE_TEST("rollback between attempts owes a webhook") {
  auto t = make_thread();
  auto ref = run_on(t);
  requeue(ref);
  cancel(t, ref.id, rollback);
  REQUIRE(hooks().size() == 1);
  CHECK(body_of(hooks()[0])["status"] == "rollback");
  CHECK(body_of(hooks()[0])["values"].is_null());
  CHECK(body_of(hooks()[0])["error"]["error"] == "UserRollback");
}

STORE_TEST("a start that is queued behind the cancel meets no row") {
  auto t = make_thread();
  auto r = create(t);
  std::optional<started_run> started;
  bool cancelled_first = false;
  rows().write(
    lane::normal, [&](write_tx& tx) { started = tx.start_run(r.id, now); },
    [](auto) {});
  rows().write(
    lane::urgent,
    [&](write_tx& tx) {
      auto out = tx.cancel_run(t, r.id, interrupt, "because", now);
      cancelled_first = out.what == kind::ended;
    },
    [](auto) {});
  write([](write_tx&) { return 0; });
  // Whichever commits first; never both.
  CHECK(cancelled_first != started.has_value());
}

STORE_TEST("interrupt of a running run: intent, then effect") {
  auto t = make_thread();
  auto ref = run_on(t);
  put(ref, t, "c1", "1", {"work"});
  auto out = cancel(t, ref.id, interrupt);
  CHECK(out.what == kind::raised);
  CHECK(out.was == run_status::running);
  CHECK(status(t, ref.id) == run_status::running);
  CHECK(run(t, ref.id)->cancel_reason == "because");
  CHECK(thread(t)->status == thread_status::busy);
  CHECK(hooks().empty());
  // Checkpoints are still taken, and a finish is not.
  CHECK(put(ref, t, "c2", "2", {"work"}) == fence::taken);
  CHECK(finish(ref).what == leave_outcome::kind::cancelled);
  CHECK(requeue(ref).what == leave_outcome::kind::cancelled);

  auto left = effect(ref);
  CHECK(left.what == leave_outcome::kind::left);
  CHECK(left.intent == interrupt);
  CHECK(left.status == run_status::interrupted);
  CHECK(left.outbox);
  CHECK(status(t, ref.id) == run_status::interrupted);
  auto row = thread(t);
  CHECK(row->status == thread_status::interrupted);
  CHECK(row->values.view() == R"({"ch":2})");
  CHECK(row->error.view()
        == R"({"error":"UserInterrupt","message":"because"})");
  CHECK(row->interrupts.view() == "{}");
  REQUIRE(hooks().size() == 1);
  CHECK(body_of(hooks()[0])["error"]["message"] == "because");
  // Everything late meets no row.
  CHECK(put(ref, t, "c3", "3") == fence::fenced);
  CHECK(put_write(ref, t, "c2", 0, "1") == fence::fenced);
  CHECK(effect(ref).what == leave_outcome::kind::fenced);
  CHECK(finish(ref).what == leave_outcome::kind::fenced);
}

STORE_TEST("an interrupt with nothing next leaves the thread idle") {
  auto t = make_thread();
  auto ref = run_on(t);
  put(ref, t, "c1", "1");
  cancel(t, ref.id, interrupt);
  effect(ref);
  CHECK(thread(t)->status == thread_status::idle);
}

STORE_TEST("an interrupt without any checkpoint leaves the thread idle") {
  auto t = make_thread();
  auto ref = run_on(t);
  cancel(t, ref.id, interrupt);
  effect(ref);
  CHECK(thread(t)->status == thread_status::idle);
  CHECK(thread(t)->values.empty());
}

STORE_TEST("a kill whose last checkpoint has no view leaves interrupted") {
  auto t = make_thread();
  auto ref = run_on(t);
  put(ref, t, "c1", "1", {"a"});
  auto bare = make_checkpoint("c2", "2");
  write([&](write_tx& tx) { return tx.put_checkpoint(ref, t, bare); });
  cancel(t, ref.id, interrupt);
  effect(ref);
  CHECK(thread(t)->status == thread_status::interrupted);
  CHECK(thread(t)->values.view() == R"({"ch":1})"); // What was last shown.
  // The first state read keeps the answer of a worker.
  checkpoint_view view{"", "c2",  std::vector<std::string>{"ch"},
                       {}, {"b"}, json_text{"[]"}};
  auto fill = [&] {
    write([&](write_tx& tx) {
      tx.fill_view(t, view);
      return true;
    });
  };
  auto beside = run_on(t);
  fill();
  CHECK(thread(t)->values.view() == R"({"ch":1})"); // Not beside a run.
  cancel(t, beside.id, rollback);
  effect(beside);
  fill();
  CHECK(thread(t)->values.view() == R"({"ch":2})");
  view.shape = std::vector<std::string>{};
  fill(); // What is known stays.
  CHECK(thread(t)->values.view() == R"({"ch":2})");
}

STORE_TEST("rollback of a running run: intent, then everything is gone") {
  auto t = make_thread();
  auto before = dump();
  auto ref = run_on(t, {.webhook = ""});
  put(ref, t, "c1", "1", {"work"});
  CHECK(cancel(t, ref.id, rollback).what == kind::raised);
  CHECK(status(t, ref.id) == run_status::running);
  CHECK(put(ref, t, "c2", "2") == fence::stopping);
  CHECK(put_write(ref, t, "c1", 0, "1") == fence::stopping);
  auto left = effect(ref);
  CHECK(left.what == leave_outcome::kind::left);
  CHECK_FALSE(left.status);
  CHECK_FALSE(left.outbox);
  CHECK_FALSE(run(t, ref.id));
  CHECK(dump() == before);
  CHECK(put(ref, t, "c3", "3") == fence::fenced);
}

STORE_TEST("while it stops after an interrupt, a rollback raises") {
  auto t = make_thread();
  auto ref = run_on(t);
  cancel(t, ref.id, interrupt);
  CHECK(cancel(t, ref.id, interrupt).what == kind::already);
  CHECK(cancel(t, ref.id, rollback).what == kind::raised);
  CHECK(cancel(t, ref.id, interrupt).what == kind::already);
  CHECK(cancel(t, ref.id, rollback).what == kind::already);
  CHECK(write([&](write_tx& tx) { return tx.row(ref.id)->cancel; })
        == rollback);
  CHECK(effect(ref).intent == rollback);
  CHECK_FALSE(run(t, ref.id));
}

STORE_TEST("an accepted lower or equal cancel writes nothing") {
  auto t = make_thread();
  auto ref = run_on(t);
  cancel(t, ref.id, rollback);
  auto before = dump();
  cancel(t, ref.id, interrupt);
  cancel(t, ref.id, rollback);
  CHECK(dump() == before);
}

STORE_TEST("a terminal run is untouched to the byte") {
  for (auto ended :
       {run_status::success, run_status::error, run_status::timeout}) {
    auto t = make_thread();
    auto ref = run_on(t);
    put(ref, t, "c1", "1");
    finish(ref, ended, ended == run_status::success ? "" : R"({"error":"E"})");
    auto before = dump();
    for (auto action : {interrupt, rollback}) {
      auto out = cancel(t, ref.id, action);
      CHECK(out.what == kind::terminal);
      CHECK(out.was == ended);
    }
    CHECK(dump() == before);
  }
}

STORE_TEST("a finished run is not cancelled, a cancelled one not finished") {
  auto t = make_thread();
  auto first = run_on(t);
  CHECK(finish(first).what == leave_outcome::kind::left);
  CHECK(effect(first).what == leave_outcome::kind::fenced);
  auto second = run_on(t);
  cancel(t, second.id, interrupt);
  CHECK(finish(second).intent == interrupt);
  CHECK(status(t, second.id) == run_status::running);
}

STORE_TEST("an effect without an intent changes nothing") {
  auto t = make_thread();
  auto ref = run_on(t);
  auto before = dump();
  CHECK(effect(ref).what == leave_outcome::kind::fenced);
  CHECK(dump() == before);
}

STORE_TEST("a stateless run is gone with its thread after any end") {
  auto empty = dump({"outbox"});
  for (int end = 0; end < 5; ++end) {
    auto t = make_thread(R"({"graph_id":"g"})");
    auto r = create(t, {.temporary = true, .webhook = end < 4 ? "w" : ""});
    if (end < 2) {
      CHECK(cancel(t, r.id, end == 0 ? interrupt : rollback).what
            == kind::ended);
    } else {
      run_ref ref{r.id, start(r.id)->row.epoch};
      if (end == 2)
        CHECK(finish(ref).thread_gone);
      if (end > 2) {
        cancel(t, r.id, end == 3 ? interrupt : rollback);
        auto left = effect(ref);
        CHECK(left.thread_gone);
        CHECK_FALSE(left.status);
      }
    }
    CHECK_FALSE(thread(t));
    CHECK_FALSE(run(t, r.id));
  }
  CHECK(dump({"outbox"}) == empty);
  REQUIRE(hooks().size() == 2); // Success and interrupt; two had no worker.
  CHECK(body_of(hooks()[0])["status"] == "success");
  CHECK(body_of(hooks()[0])["values"].is_null());
  CHECK_FALSE(body_of(hooks()[0]).contains("error"));
  CHECK(body_of(hooks()[1])["status"] == "interrupted");
}

STORE_TEST("a webhook carries the run as it was and when it ran") {
  auto t = make_thread();
  auto ref = run_on(t);
  finish(ref, run_status::error, R"({"error":"ValueError","message":"m"})");
  REQUIRE(hooks().size() == 1);
  CHECK(hooks()[0].url == "http://hook");
  auto body = body_of(hooks()[0]);
  CHECK(body["run_id"] == ref.id.str());
  CHECK(body["status"] == "error");
  CHECK(body["error"]["error"] == "ValueError");
  CHECK(body["kwargs"]["input"]["n"] == 1);
  CHECK(body["values"].is_null());
  for (const auto* key : {"run_started_at", "run_ended_at", "webhook_sent_at"})
    CHECK(body[key].is_string());
  auto n = hooks()[0].n;
  write([&](write_tx& tx) {
    tx.outbox_retry(n, now + std::chrono::seconds{5});
    return 0;
  });
  CHECK(hooks().empty());
  CHECK(read([&](read_tx& tx) { return tx.next_outbox(now); })
        == now + std::chrono::seconds{5});
  now += std::chrono::seconds{5};
  REQUIRE(hooks().size() == 1);
  CHECK(hooks()[0].tries == 1);
  write([&](write_tx& tx) {
    tx.outbox_done(n);
    return 0;
  });
  CHECK(hooks().empty());
}

STORE_TEST("a cancelled queue of a thread ends in one transaction") {
  auto t = make_thread();
  auto first = run_on(t);
  auto second = create(t);
  auto third = create(t);
  auto out = write([&](write_tx& tx) {
    return tx.cancel_live_runs(t, interrupt, "superseded", now);
  });
  REQUIRE(out.size() == 3);
  CHECK(out[0].first.id == first.id);
  CHECK(out[0].second.what == kind::raised);
  CHECK(out[1].second.what == kind::ended);
  CHECK(out[2].second.what == kind::ended);
  CHECK(status(t, third.id) == run_status::interrupted);
  CHECK(run(t, second.id)->cancel_reason == "superseded");
  CHECK(ready().empty());
}
