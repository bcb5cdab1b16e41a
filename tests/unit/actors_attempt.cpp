#include "core/attempt.hpp"

#include "tests/catch.hpp"

#include <vector>

// What is written once an attempt is over, row by row.

using namespace heddle;
using namespace heddle::core;
using namespace std::chrono_literals;

namespace {

struct row {
  const char* what;
  attempt_facts facts;
  attempt_write expected;
};

constexpr std::uint32_t most = 3;

attempt_facts facts(attempt_end how, bool intent = false,
                    bool timed_out = false, std::uint32_t strikes = 0) {
  return {how, intent, timed_out, false, strikes, most};
}

const std::vector<row>& rows() {
  using enum attempt_end;
  static const std::vector<row> all{
    {"an end", facts(success), write_finish{run_status::success}},
    {"a failure", facts(error), write_finish{run_status::error}},
    {"a drain", facts(drained), write_requeue{}},
    {"a kill for another's sake", facts(killed), write_requeue{}},
    {"a stop that nobody stands for", facts(cancelled), write_requeue{}},
    {"a first death", facts(lost), write_requeue{true, 0s}},
    {"a second death", facts(lost, false, false, 1), write_requeue{true, 1s}},
    {"a third death", facts(lost, false, false, 2),
     write_finish{run_status::error, true}},
    {"a success that met an intent", facts(success, true), write_effect{}},
    {"a failure that met an intent", facts(error, true), write_effect{}},
    {"a death that met an intent", facts(lost, true, false, 2), write_effect{}},
    {"a drain that met an intent", facts(drained, true), write_effect{}},
    {"a timeout that was heard", facts(cancelled, false, true),
     write_finish{run_status::timeout}},
    {"a timeout that took a kill", facts(killed, false, true),
     write_finish{run_status::timeout}},
    {"a failure in the stop of a timeout", facts(error, false, true),
     write_finish{run_status::timeout}},
    {"a death in the stop of a timeout", facts(lost, false, true, 1),
     write_finish{run_status::timeout}},
    {"an end that came just in time", facts(success, false, true),
     write_finish{run_status::success}},
    {"a timeout that met an intent", facts(killed, true, true), write_effect{}},
  };
  return all;
}

} // namespace

TEST_CASE("how an attempt was left says what is written", "[core][attempt]") {
  for (const auto& row : rows()) {
    INFO(row.what);
    CHECK(after_attempt(row.facts) == row.expected);
  }
}

TEST_CASE("a stop of the server charges nothing", "[core][attempt]") {
  for (auto how : {attempt_end::drained, attempt_end::killed}) {
    attempt_facts facts{how, false, false, true, 2, most};
    CHECK(after_attempt(facts) == attempt_write{write_requeue{}});
  }
}

TEST_CASE("retries wait longer each time", "[core][attempt]") {
  CHECK(retry_delay(0) == 0s);
  CHECK(retry_delay(1) == 0s);
  CHECK(retry_delay(2) == 1s);
  CHECK(retry_delay(3) == 4s);
  CHECK(retry_delay(9) == 4s);
}
