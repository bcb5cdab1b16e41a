#include "tests/house/fixture.hpp"

// Readers: what they get, in which order, and how they end.

using namespace heddle;
using namespace heddle::test;
using namespace std::chrono_literals;

namespace {

struct follow_test : fixture {
  thread_id home = make_thread();
};

using names = std::vector<std::string>;

} // namespace

TEST_CASE_METHOD(follow_test, "a replay comes first, then what came meanwhile",
                 "[actors][follow]") {
  auto run = create(home, {.resumable = true});
  event(run, R"({"e":1})");
  settle();
  auto [reader, place] = follow(home, run, since("-1"));
  deliver(); // It has joined; its replay is still to be read.
  event(run, R"({"e":2})");
  deliver();
  commit(); // Kept and shown, to those who are live.
  CHECK(reader->events.empty());
  rows.run_reads();
  settle();
  event(run, R"({"e":3})");
  settle();
  CHECK(reader->data("values")
        == names{R"({"e":1})", R"({"e":2})", R"({"e":3})"});
  CHECK(reader->names().front() == "metadata");
  finish(run);
  settle();
  CHECK(reader->over());
}

TEST_CASE_METHOD(follow_test, "an event is kept before it is shown",
                 "[actors][follow]") {
  auto reader = std::make_shared<kept_reader>();
  auto run = create(home, {.resumable = true}, reader);
  event(run, R"({"e":1})");
  deliver();
  CHECK(reader->data("values").empty());
  CHECK(work_of(run).credit == 0);
  commit();
  CHECK(reader->data("values").size() == 1);
  CHECK(work_of(run).credit > 0);
}

TEST_CASE_METHOD(follow_test, "a late join of a run that is over gets its log",
                 "[actors][follow]") {
  auto run = create(home, {.resumable = true});
  event(run, R"({"e":1})");
  finish(run);
  settle();
  auto [reader, place] = follow(home, run, since("-1"));
  settle();
  CHECK(reader->names() == names{"metadata", "values"});
  CHECK(reader->over());
  auto [live, other] = follow(home, run);
  settle();
  CHECK(live->events.empty());
  CHECK(live->over());
  CHECK(thread_actors() == 0);
}

TEST_CASE_METHOD(follow_test, "a resume goes on after the last event",
                 "[actors][follow]") {
  auto run = create(home, {.resumable = true});
  for (int i = 1; i <= 4; ++i) {
    event(run, "{\"e\":" + std::to_string(i) + "}");
    settle();
  }
  auto [all, first] = follow(home, run, since("-1"));
  settle();
  auto from = all->events.at(2)->id;
  auto [rest, second] = follow(home, run, since(from));
  settle();
  CHECK(rest->data("values") == names{R"({"e":3})", R"({"e":4})"});
}

TEST_CASE_METHOD(follow_test, "nothing is shown after the intent",
                 "[actors][follow]") {
  auto reader = std::make_shared<kept_reader>();
  auto run = create(home, {}, reader);
  event(run, "1");
  settle();
  auto got = cancel(home, {run});
  settle();
  REQUIRE(got.ok());
  event(run, "2");
  settle();
  CHECK(reader->data("values") == names{"1"});
  CHECK(!reader->last); // It hears the end, not an error.
  finish(run, worker::end_outcome::cancelled);
  settle();
  CHECK(reader->over());
  CHECK(reader->data("error").empty());
}

TEST_CASE_METHOD(follow_test, "a join of a rolled back run finds none",
                 "[actors][follow]") {
  auto run = create(home);
  cancel(home, {run}, cancel_action::rollback);
  settle();
  auto [attached, first] = follow(home, run);
  settle();
  finish(run, worker::end_outcome::cancelled);
  settle();
  CHECK(attached->over());
  auto [late, second] = follow(home, run);
  settle();
  REQUIRE(late->last);
  CHECK(late->last->why == end_reason::not_found);
}

TEST_CASE_METHOD(follow_test, "who waits gets the document of the end",
                 "[actors][follow]") {
  auto run = create(home);
  auto [waits, place] = follow(home, run, waiting());
  settle();
  put(run, "c1", R"({"n":1})");
  finish(run);
  settle();
  CHECK(waits->events.empty());
  REQUIRE(waits->over());
  CHECK(waits->last->document.view() == R"({"ch":{"n":1}})");
  auto [late, other] = follow(home, run, waiting());
  settle();
  CHECK(late->last->document.view() == R"({"ch":{"n":1}})");
}

TEST_CASE_METHOD(follow_test, "a failed run's error is its last event",
                 "[actors][follow]") {
  auto reader = std::make_shared<kept_reader>();
  auto run = create(home, {.resumable = true}, reader);
  event(run, "1");
  finish(run, worker::end_outcome::error);
  settle();
  CHECK(reader->names() == names{"metadata", "values", "error"});
  CHECK(reader->data("error")[0] == R"({"error":"ValueError","message":"no"})");
  CHECK(reader->over());
  auto [late, place] = follow(home, run, since("-1"));
  settle();
  REQUIRE(late->events.size() == 3);
  CHECK(late->events[2]->id == reader->events[2]->id);
}

TEST_CASE_METHOD(follow_test, "only the modes that were asked for are shown",
                 "[actors][follow]") {
  auto run = create(home);
  auto [reader, place] = follow(home, run, only("updates"));
  settle();
  event(run, "1");
  where(run)->event(work_of(run).no, "updates", "2");
  settle();
  CHECK(reader->names() == names{"updates"});
}

TEST_CASE_METHOD(follow_test, "a disconnect cancels if the reader said so",
                 "[actors][follow]") {
  auto reader = std::make_shared<kept_reader>();
  auto made = ask_run(home, {.cancel_on_disconnect = true}, reader);
  settle();
  auto run = made.value().run.id;
  api().leave(made.value().place, true);
  settle();
  REQUIRE(work_of(run).cancels.size() == 1);
  CHECK(record(home, run)->cancel_reason
        == "client disconnected from the run stream (on_disconnect=cancel)");
  finish(run, worker::end_outcome::cancelled);
  settle();
  CHECK(status(home, run) == run_status::interrupted);
  CHECK(!reader->last);
}

TEST_CASE_METHOD(follow_test, "leaving without a disconnect cancels nothing",
                 "[actors][follow]") {
  auto reader = std::make_shared<kept_reader>();
  auto made = ask_run(home, {.cancel_on_disconnect = true}, reader);
  settle();
  auto run = made.value().run.id;
  api().leave(made.value().place, false); // We cut it.
  auto [other, place] = follow(home, run);
  settle();
  api().leave(place.value(), true); // This one did not ask for it.
  settle();
  CHECK(work_of(run).cancels.empty());
  finish(run);
  settle();
  CHECK(status(home, run) == run_status::success);
}

TEST_CASE_METHOD(follow_test, "ids of events rise across attempts",
                 "[actors][follow]") {
  auto reader = std::make_shared<kept_reader>();
  auto run = create(home, {.resumable = true}, reader);
  event(run, "1");
  settle();
  where(run)->die("signal 11");
  settle();
  event(run, "2");
  finish(run);
  settle();
  REQUIRE(reader->events.size() == 4); // Each attempt has its metadata.
  auto [late, place] = follow(home, run, since("-1"));
  settle();
  names live;
  names stored;
  for (const auto& event : reader->events)
    live.push_back(event->id + event->data.str());
  for (const auto& event : late->events)
    stored.push_back(event->id + event->data.str());
  CHECK(live == stored);
}
