#include "tests/house/fixture.hpp"

// States that a killed worker has left untold: the first read keeps them.

using namespace heddle;
using namespace heddle::test;
using namespace std::chrono_literals;

namespace {

struct untold : fixture {
  untold() {
    auto run = create(home);
    auto& process = *where(run);
    process.view(work_of(run).no, "c1"); // Of the first one, not the second.
    process.put(work_of(run).no, "c1", "1");
    process.put(work_of(run).no, "c2", "2", "c1");
    settle();
    auto got = cancel(home, {run});
    settle();
    process.die("killed");
    settle();
    REQUIRE(status(home, run) == run_status::interrupted);
  }

  /// Asks for the state. @returns the graph's work for it, if it was asked.
  work* ask(slot<json_text>& done) {
    api().get_state(home, {}, done.fill());
    settle();
    for (auto& process : workers().all)
      for (auto& [no, one] : process->works())
        if (one.question && !one.clean)
          return &one;
    return nullptr;
  }

  void tell(const work& asked) {
    auto& process = *workers().all.back();
    process.view(asked.no, "c2", {"next"});
    process.answer(asked.no, json_text{R"({"values":{"ch":2}})"});
    process.clean(asked.no);
    settle();
  }

  std::string values() { return thread(home)->values.str(); }

  thread_id home = make_thread();
};

} // namespace

TEST_CASE_METHOD(untold, "the first read of an untold state keeps it",
                 "[actors][state]") {
  slot<json_text> first;
  slot<json_text> second;
  auto* asked = ask(first);
  REQUIRE(asked);
  CHECK(values() == R"({"ch":1})");
  tell(*asked);
  CHECK(first.ok());
  CHECK(values() == R"({"ch":2})");
  CHECK(!ask(second));
  CHECK(second.ok());
}

TEST_CASE_METHOD(untold, "what was seen beside a run is not kept",
                 "[actors][state]") {
  slot<json_text> before;
  slot<json_text> beside;
  auto* asked = ask(before);
  REQUIRE(asked);
  auto run = create(home); // It may write onto what is being read.
  finish(run);
  settle();
  tell(*asked);
  CHECK(before.ok());
  CHECK(values() == R"({"ch":1})");
}
