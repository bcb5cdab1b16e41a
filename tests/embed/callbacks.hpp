#pragma once

#include "heddle/server.hpp"
#include "tests/catch.hpp"
#include "tests/embed/opened.hpp"

#include <atomic>
#include <memory>
#include <utility>

namespace heddle::test {

/// Destroys a server of which much has been asked: all of it is answered by
/// then, and nothing is answered after.
inline void check_callbacks(std::unique_ptr<server> srv) {
  auto calls = std::make_shared<std::atomic<int>>(0);
  auto count = [calls](const auto&) { ++*calls; };
  auto thread = srv->create_thread({}).get(wait_max);
  REQUIRE(ok(thread));
  for (int i = 0; i < 100; ++i) {
    srv->create_run(thread->id, run_of("waits"), nullptr, {}, count);
    srv->get_thread(thread->id, count);
    srv->metrics(count);
    cancel_request cancel{cancel_by_status{true, true}};
    cancel.after = answer_after::effect;
    srv->cancel(cancel, count);
  }
  srv.reset();
  CHECK(*calls == 400);
}

} // namespace heddle::test
