#include "actors/graph_registry.hpp"
#include "actors/ready_window.hpp"
#include "tests/house/fixture.hpp"

// Several kinds of workers in one server, and none: every run and every
// question goes to the kind that serves its graph.

using namespace heddle;
using namespace heddle::test;
using namespace std::chrono_literals;

namespace {

/// A server of `kinds` kinds: `graph` is served by the first, `other` by the
/// second.
template <std::size_t Kinds>
struct served_by : fixture {
  served_by() {
    crash();
    kinds_served = Kinds;
    boot();
  }

  wish of(std::string assistant) {
    wish how;
    how.assistant = std::move(assistant);
    return how;
  }

  /// How many runs have been started by executors of a kind.
  static std::size_t started(const scripted_launcher& kind) {
    std::size_t result = 0;
    for (const auto& process : kind.all)
      result += process->works().size();
    return result;
  }
};

using two_kinds = served_by<2>;
using no_kind = served_by<0>;

} // namespace

TEST_CASE_METHOD(two_kinds, "a run starts on the kind of its graph at once",
                 "[actors][kinds]") {
  auto thread = make_thread();
  auto made = ask_run(thread, of("other"));
  deliver();
  commit();
  REQUIRE(made.ok());
  CHECK(started(others()) == 1);
  CHECK(started(workers()) == 0);

  auto run = create(make_thread());
  CHECK(started(workers()) == 1);
  CHECK(started(others()) == 1);
  finish(run);
  finish(made.value().run.id);
  settle();
  CHECK(slots_used() == 0);
}

TEST_CASE_METHOD(two_kinds, "an assistant's graph says where its runs go",
                 "[actors][kinds]") {
  assistant_create what;
  what.graph = "other";
  slot<assistant_record> made;
  api().create_assistant(what, made.fill());
  settle();
  auto assistant = made.value().id.str();
  for (std::size_t n = 1; n <= 3; ++n) {
    auto run = create(make_thread(), of(assistant));
    CHECK(started(others()) == n);
    finish(run);
    settle();
  }
  CHECK(started(workers()) == 0);
  CHECK(slots_used() == 0);
}

TEST_CASE_METHOD(two_kinds, "a kind without a free slot holds up no other",
                 "[actors][kinds]") {
  // More than its dispatcher can know of at once.
  const std::size_t many = actors::ready_window::runs_max + 10;
  for (std::size_t i = 0; i < many; ++i)
    create(make_thread());
  CHECK(started(workers()) == opts.jobs_per_worker);

  std::vector<run_id> runs;
  for (std::size_t i = 0; i < opts.jobs_per_worker + 2; ++i)
    runs.push_back(create(make_thread(), of("other")));
  CHECK(started(others()) == opts.jobs_per_worker);
  for (std::size_t i = 0; i < 2; ++i)
    finish(runs[i]);
  settle();
  CHECK(started(others()) == runs.size());
  CHECK(started(workers()) == opts.jobs_per_worker);
}

TEST_CASE_METHOD(two_kinds, "what waited in the store finds its kind again",
                 "[actors][kinds]") {
  auto thread = make_thread();
  auto first = create(thread, of("other"));
  auto second = create(thread);
  auto third = create(thread, of("other"));
  crash();
  boot();
  for (auto run : {first, second, third}) {
    REQUIRE(starts(run) == 1);
    CHECK(work_of(run).run->graph == (run == second ? "graph" : "other"));
    finish(run);
    settle();
  }
  CHECK(started(workers()) == 1);
  CHECK(started(others()) == 2);
}

TEST_CASE_METHOD(two_kinds, "a question goes to the kind of the graph",
                 "[actors][kinds]") {
  auto thread = make_thread();
  auto run = create(thread, of("other"));
  finish(run);
  settle();
  slot<json_text> got;
  state_update what;
  what.values = json_text{R"({"n":1})"};
  api().update_state(thread, what, got.fill());
  settle();
  REQUIRE(started(others()) == 2);
  CHECK(started(workers()) == 0);
  auto& process = *others().all.front();
  auto asked = process.works().rbegin()->first;
  REQUIRE(process.at(asked).question);
  process.put(asked, "u1", "5");
  process.answer(asked, json_text{R"({"checkpoint":{"checkpoint_id":"u1"}})"});
  process.clean(asked);
  settle();
  CHECK(got.ok());
}

TEST_CASE_METHOD(two_kinds, "a server of two kinds stops when both are empty",
                 "[actors][kinds]") {
  auto first = create(make_thread());
  auto second = create(make_thread(), of("other"));
  bool stopped = false;
  api().stop([&stopped] { stopped = true; });
  settle();
  CHECK(!stopped);
  finish(first, worker::end_outcome::drained);
  settle();
  CHECK(!stopped);
  finish(second, worker::end_outcome::drained);
  settle();
  CHECK(stopped);
}

TEST_CASE_METHOD(no_kind, "a server without workers keeps, shows and cancels",
                 "[actors][kinds]") {
  // The graph's system assistant is of the life before.
  assistant_query all;
  slot<std::vector<assistant_record>> known;
  api().search_assistants(all, known.fill());
  settle();
  REQUIRE(known.ok());
  REQUIRE(!known.value().empty());
  auto assistant = known.value().front().id.str();

  auto thread = make_thread();
  auto run = create(thread, of(assistant));
  CHECK(status(thread, run) == run_status::pending);
  auto got = cancel(thread, {run});
  settle();
  REQUIRE(got.ok());
  CHECK(status(thread, run) == run_status::interrupted);

  slot<json_text> state;
  api().get_state(thread, {}, state.fill());
  slot<metrics_snapshot> metrics;
  api().metrics(metrics.fill());
  settle();
  CHECK(state.ok());
  REQUIRE(metrics.ok());
  CHECK(metrics.value().workers_max == 0);

  bool stopped = false;
  api().stop([&stopped] { stopped = true; });
  settle();
  CHECK(stopped);
}

TEST_CASE("a graph that is served twice is found", "[actors][kinds]") {
  CHECK(!actors::served_twice({{"a", "b"}, {"c"}}));
  CHECK(actors::served_twice({{"a", "b"}, {"c", "b"}}) == "b");
  CHECK(actors::served_twice({{"a", "a"}}) == "a");
}
