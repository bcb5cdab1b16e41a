#include "tests/store/fixture.hpp"

#include <random>

// After a rollback every row is as it was before the run, to the byte.

using namespace heddle;
using enum cancel_action;

namespace {

/// Does something that a running graph may do, chosen at random.
void act(test::fixture& on, std::mt19937& dice, const run_ref& ref,
         const thread_id& t, std::vector<std::string>& ids) {
  auto any = [&] { return ids[dice() % ids.size()]; };
  auto json = std::to_string(dice() % 100);
  switch (dice() % 8) {
    case 0:
    case 1:
      ids.push_back("c" + std::to_string(dice()));
      on.put(ref, t, ids.back(), json, {"next"});
      break;
    case 2: // Onto whatever checkpoint there is, also an older run's.
      on.put_write(ref, t, any(), static_cast<std::int32_t>(dice() % 3), json);
      break;
    case 3: on.put_write(ref, t, any(), -3, json); break;
    case 4: // The same id again: covers the row of the older run.
      on.put(ref, t, any(), json);
      break;
    case 5: // A view without its checkpoint, or of an older one.
      on.write([&](write_tx& tx) {
        checkpoint_view view{
          "", any(), std::nullopt, json_text{json}, {"v"}, json_text{"[]"}};
        return tx.put_view(ref, t, view);
      });
      break;
    case 6:
      on.write([&](write_tx& tx) {
        live_state_row live{json_text{json}, {"l"}, json_text{"[]"}, {}};
        return tx.put_live_state(ref, t, live);
      });
      break;
    default: on.put(ref, t, "s" + json, json, {}, "[]", "sub:1"); break;
  }
}

std::string seen(test::fixture& on, const thread_id& t) {
  auto row = on.thread(t);
  std::string out = row->values.str() + row->interrupts.str() + row->error.str()
                    + std::string{to_string(row->status)};
  checkpoint_query all;
  all.thread = t;
  all.limit = 1000;
  for (auto& c : on.read([&](read_tx& tx) { return tx.checkpoints(all); })) {
    out += c.ns + c.id + c.head.bytes.str() + c.metadata.str();
    for (auto& v : c.values)
      out += v.channel + v.version + v.json.str();
    for (auto& w : c.writes)
      out += w.task + std::to_string(w.idx) + w.json.str();
    if (c.view)
      out += c.view->values.str() + std::to_string(c.view->next.size());
  }
  return out;
}

} // namespace

STORE_TEST("rollback restores every byte, whatever the run did") {
  for (unsigned seed = 1; seed <= 25; ++seed) {
    INFO("seed " << seed);
    std::mt19937 dice{seed};
    auto t = make_thread();
    std::vector<std::string> ids{"c0"};
    for (auto end = dice() % 3; end > 0; --end) {
      auto ref = run_on(t, {.webhook = ""});
      for (int i = 0; i < 6; ++i)
        act(*this, dice, ref, t, ids);
      if (dice() % 2 == 0)
        cancel(t, ref.id, interrupt);
      if (effect(ref).what == leave_outcome::kind::fenced)
        finish(ref);
    }
    auto before = dump();
    auto before_seen = seen(*this, t);
    auto ref = run_on(t, {.resumable = true, .webhook = ""});
    auto attempts = 1 + dice() % 3;
    for (unsigned attempt = 0; attempt < attempts; ++attempt) {
      for (int i = 0; i < 8; ++i)
        act(*this, dice, ref, t, ids);
      write([&](write_tx& tx) {
        return tx.append_events(
          ref, {{{static_cast<std::int64_t>(attempt), 0}, "values", {}}});
      });
      if (attempt + 1 < attempts) {
        requeue(ref, true);
        ref.epoch = start(ref.id)->row.epoch;
      }
    }
    if (dice() % 3 == 0)
      requeue(ref);
    if (dice() % 2 == 0)
      cancel(t, ref.id, interrupt);
    if (run(t, ref.id) && status(t, ref.id) == run_status::running) {
      cancel(t, ref.id, rollback);
      effect(ref);
    } else if (status(t, ref.id) == run_status::pending) {
      cancel(t, ref.id, rollback);
    } else {
      continue; // Interrupted between attempts: nothing to roll back.
    }
    REQUIRE(seen(*this, t) == before_seen);
    REQUIRE(dump() == before);
  }
}

STORE_TEST("rollback of a resumed run uncovers the interrupt it answered") {
  auto t = make_thread();
  auto tasks = R"([{"id":"task","interrupts":[{"value":"ok?","id":"i1"}]}])";
  auto first = run_on(t);
  put(first, t, "c1", "1", {"ask"}, tasks);
  put_write(first, t, "c1", -3, "\"ok?\"");
  finish(first);
  CHECK(thread(t)->status == thread_status::interrupted);
  CHECK(thread(t)->interrupts.view()
        == R"({"task":[{"id":"i1","value":"ok?"}]})");
  auto before = dump({"outbox"});

  auto second = run_on(t);
  put_write(second, t, "c1", -3, "\"sure?\"");
  put_write(second, t, "c1", -4, "\"yes\"");
  auto writes = [&] {
    return read(
      [&](read_tx& tx) { return tx.checkpoint(t, "", std::nullopt)->writes; });
  };
  REQUIRE(writes().size() == 2);
  CHECK(writes()[1].json.view() == "\"sure?\"");
  cancel(t, second.id, rollback);
  effect(second);
  REQUIRE(writes().size() == 1);
  CHECK(writes()[0].json.view() == "\"ok?\"");
  CHECK(dump({"outbox"}) == before);
}

STORE_TEST("a live state is shown until the next root checkpoint") {
  auto t = make_thread();
  auto ref = run_on(t);
  put(ref, t, "c1", "1", {"a", "b"});
  live_state_row live{json_text{"{\"ch\":9}"},
                      {"b"},
                      json_text{R"([{"id":"x","interrupts":[]}])"},
                      json_text{"[]"}};
  write([&](write_tx& tx) { return tx.put_live_state(ref, t, live); });
  CHECK(thread(t)->values.view() == "{\"ch\":9}");
  finish(ref);
  CHECK(thread(t)->status == thread_status::interrupted);

  auto second = run_on(t);
  put(second, t, "s1", "5", {}, "[]", "sub");
  CHECK(thread(t)->values.view() == "{\"ch\":9}");
  put(second, t, "c2", "2");
  CHECK(thread(t)->values.view() == "{\"ch\":2}");
  CHECK_FALSE(read([&](read_tx& tx) { return tx.live_state(t); }));
  cancel(t, second.id, rollback);
  effect(second);
  CHECK(thread(t)->values.view() == "{\"ch\":9}");
  CHECK(read([&](read_tx& tx) { return tx.live_state(t); })->next.size() == 1);
}

STORE_TEST("no run starts between the attempts of another") {
  auto t = make_thread();
  auto first = run_on(t);
  put(first, t, "c1", "1");
  auto second = create(t, {.after = std::chrono::seconds{30}});
  requeue(first, true, std::chrono::seconds{60});
  auto third = create(t);
  CHECK_FALSE(third.head);
  now += std::chrono::seconds{31};
  // Its retry is due later, and still nothing may run before it: a rollback
  // would undo that too.
  CHECK(ready().empty());
  CHECK_FALSE(start(second.id));
  CHECK_FALSE(start(third.id));
  CHECK(read([&](read_tx& tx) { return tx.next_due(now); }).has_value());
  cancel(t, first.id, rollback);
  CHECK(ready() == std::vector{third.id});
}

STORE_TEST("isolation: a rollback changes no row of other threads") {
  auto other = make_thread();
  auto busy = run_on(other);
  put(busy, other, "c1", "1");
  auto t = make_thread();
  auto before = dump();
  auto ref = run_on(t, {.webhook = ""});
  put(ref, t, "c1", "1");
  put_write(ref, t, "c1", 0, "2");
  cancel(t, ref.id, rollback);
  effect(ref);
  CHECK(dump() == before);
}
