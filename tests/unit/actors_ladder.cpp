#include "core/ladder.hpp"

#include "tests/catch.hpp"

#include <vector>

// The stop ladder as a table: events in, effects out.

using namespace heddle::core;

namespace {

struct climber {
  ladder_state state;
  std::vector<ladder_effect> all;

  /// The effects of one event.
  std::vector<ladder_effect> on(const ladder_event& event) {
    auto step = advance(state, event);
    state = step.state;
    all.insert(all.end(), step.effects.begin(), step.effects.end());
    return step.effects;
  }

  template <class Effect>
  int count() const {
    int result = 0;
    for (const auto& effect : all)
      result += std::holds_alternative<Effect>(effect) ? 1 : 0;
    return result;
  }
};

using effects = std::vector<ladder_effect>;
constexpr worker_ended success{attempt_end::success};
constexpr stop_asked interrupt{stop_cause::interrupt};

} // namespace

TEST_CASE("an attempt that nobody wants stopped is reported at its end",
          "[core][ladder]") {
  climber it;
  CHECK(it.on(success)
        == effects{set_deadline{}, report_end{attempt_end::success}});
  CHECK(it.on(worker_clean{}) == effects{let_go{}});
}

TEST_CASE("an attempt that is being stopped is reported when it is silent",
          "[core][ladder]") {
  climber it;
  CHECK(it.on(interrupt)
        == effects{signal{stop_cause::interrupt}, set_deadline{}});
  CHECK(it.on(worker_ended{attempt_end::cancelled}).empty());
  CHECK(it.on(worker_clean{})
        == effects{report_end{attempt_end::cancelled}, let_go{}});
}

TEST_CASE("the steps of the ladder come in their order and once",
          "[core][ladder]") {
  climber it;
  it.on(interrupt);
  CHECK(it.on(half_over{}) == effects{press{}});
  CHECK(it.on(half_over{}).empty());
  CHECK(it.on(grace_over{}) == effects{kill{}});
  CHECK(it.on(grace_over{}).empty());
  CHECK(it.on(half_over{}).empty());
  CHECK(it.on(worker_gone{true})
        == effects{report_end{attempt_end::killed}, let_go{}});
}

TEST_CASE("a second stop is not signalled again", "[core][ladder]") {
  climber it;
  it.on(interrupt);
  CHECK(it.on(stop_asked{stop_cause::rollback}).empty());
  CHECK(it.count<signal>() == 1);
}

TEST_CASE("a stop after the end only changes what the report waits for",
          "[core][ladder]") {
  climber it;
  it.on(success); // Reported.
  CHECK(it.on(interrupt).empty());
  CHECK(it.on(worker_clean{}) == effects{let_go{}});
  CHECK(it.count<report_end>() == 1);
}

TEST_CASE("a process that dies tells how it was left", "[core][ladder]") {
  SECTION("by itself") {
    climber it;
    CHECK(it.on(worker_gone{false})
          == effects{report_end{attempt_end::lost}, let_go{}});
  }
  SECTION("on order") {
    climber it;
    CHECK(it.on(worker_gone{true})
          == effects{report_end{attempt_end::killed}, let_go{}});
  }
  SECTION("after the graph had ended") {
    climber it;
    it.on(success);
    CHECK(it.on(worker_gone{false}) == effects{let_go{}});
  }
  SECTION("after it had ended while it was being stopped") {
    climber it;
    it.on(interrupt);
    it.on(worker_ended{attempt_end::cancelled});
    CHECK(it.on(worker_gone{true})
          == effects{report_end{attempt_end::cancelled}, let_go{}});
  }
}

TEST_CASE("what lingers after a normal end climbs the same ladder",
          "[core][ladder]") {
  climber it;
  it.on(success);
  CHECK(it.on(half_over{}) == effects{press{}});
  CHECK(it.on(grace_over{}) == effects{kill{}});
  CHECK(it.on(worker_gone{true}) == effects{let_go{}});
}

TEST_CASE("what does not fit changes nothing", "[core][ladder]") {
  climber it;
  CHECK(it.on(worker_clean{}).empty()); // Before the end.
  it.on(success);
  it.on(worker_clean{});
  for (const ladder_event& late :
       {ladder_event{success}, ladder_event{worker_clean{}},
        ladder_event{worker_gone{false}}, ladder_event{interrupt},
        ladder_event{half_over{}}, ladder_event{grace_over{}}})
    CHECK(it.on(late).empty());
}

// Every order of every six events: the report and the letting go come at most
// once, the letting go last, and no kill without a deadline.
TEST_CASE("no order of events breaks the ladder", "[core][ladder]") {
  const std::vector<ladder_event> events{success,
                                         worker_clean{},
                                         worker_gone{true},
                                         interrupt,
                                         half_over{},
                                         grace_over{},
                                         worker_ended{attempt_end::cancelled}};
  auto total = 1;
  for (int i = 0; i < 6; ++i)
    total *= static_cast<int>(events.size());
  for (int code = 0; code < total; ++code) {
    climber it;
    for (int i = 0, rest = code; i < 6; ++i) {
      it.on(events[static_cast<std::size_t>(rest) % events.size()]);
      rest /= static_cast<int>(events.size());
    }
    bool fine = it.count<report_end>() <= 1 && it.count<let_go>() <= 1
                && it.count<signal>() <= 1 && it.count<kill>() <= 1
                && it.count<set_deadline>() <= 1;
    if (it.count<let_go>() == 1)
      fine = fine && std::holds_alternative<let_go>(it.all.back())
             && it.count<report_end>() == 1;
    if (!fine)
      FAIL("events " << code);
  }
}
