#pragma once

#include "heddle/requests.hpp"
#include "tests/catch.hpp"

// Bodies of requests, as texts and as what is read of them.

namespace heddle::test {

inline body_text body(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

/// A request for a run with an assistant and these other members.
inline body_text run_body(const std::string& members) {
  std::string text = R"({"assistant_id":"agent")";
  return body(text + (members.empty() ? "" : ",") + members + '}');
}

/// `run_body`, read.
inline run_create read_run(const std::string& members,
                           run_kind kind = run_kind::stateful) {
  auto got = parse_run_create(run_body(members), kind);
  INFO(members);
  REQUIRE(got.has_value());
  return *got;
}

} // namespace heddle::test
