// The server as actors, in a system of its own and in that of a host.

#include "heddle/actors.hpp"
#include "tests/catch.hpp"
#include "tests/embed/callbacks.hpp"
#include "tests/embed/ear.hpp"
#include "tests/embed/opened.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <memory>

using namespace heddle;
using namespace heddle::test;

namespace {

struct host_config : caf::actor_system_config {
  explicit host_config(caf::atom_value policy) {
    set("scheduler.policy", policy);
    set("scheduler.max-threads", 2);
    set("scheduler.max-throughput", 32);
  }
};

/// Asks, and waits for the answer.
template <class Handle, class Message>
result<typename Message::answer> ask(caf::scoped_actor& self,
                                     const Handle& whom, Message what) {
  using answer = typename Message::answer;
  result<answer> got{error{errc::internal, "nothing was received"}};
  self->request(whom, wait_max, std::move(what))
    .receive([&](answer& value) { got = std::move(value); },
             [&](caf::error& why) { got = from_caf(self->system(), why); });
  return got;
}

/// What a program does with it, from creating a thread to the end of a run.
void tour(server& srv) {
  caf::scoped_actor self{actor_system_of(srv)};
  auto all = server_actor(srv);
  auto thread = ask(self, all, msg::create_thread{});
  REQUIRE(ok(thread));
  CHECK(ask(self, all, msg::get_thread{thread->id})->id == thread->id);
  auto one = thread_actor(srv, thread->id);
  CHECK(ask(self, one, msg::read_thread{})->id == thread->id);
  auto made = ask(self, one, msg::start_run{run_of("waits")});
  REQUIRE(ok(made));
  CHECK(ask(self, made->handle, msg::get_record{})->id == made->run.id);
  self->monitor(made->handle);
  auto receipt = ask(self, made->handle, msg::cancel{});
  REQUIRE(ok(receipt));
  CHECK(receipt->matched == 1);
  self->receive([&](const caf::down_msg& down) {
    CHECK(run_outcome(down.reason) == run_status::interrupted);
  });
  // Its handle is for nothing now; the server knows the run.
  CHECK(ask(self, made->handle, msg::cancel{}).error().code
        == errc::unavailable);
  CHECK(ask(self, all, msg::get_run{thread->id, made->run.id})->status
        == run_status::interrupted);
  cancel_request again;
  again.what = cancel_by_ids{thread->id, {made->run.id}};
  CHECK(ask(self, all, msg::cancel_runs{again}).error().code
        == errc::not_found);
}

} // namespace

TEST_CASE("a server is talked to in its own actor system", "[embed][caf]") {
  auto srv = opened({});
  tour(*srv);
}

TEST_CASE("a server lives in the actor system of a host", "[embed][caf]") {
  host_config cfg{caf::atom("sharing")};
  caf::actor_system sys{cfg};
  for (int i = 0; i < 10; ++i) {
    auto what = options_for({});
    what.host = &sys;
    auto srv = open(std::move(what));
    REQUIRE(ok(srv));
    CHECK(&actor_system_of(**srv) == &sys);
    tour(**srv);
  }
}

TEST_CASE("in a host's system, too, nothing is answered after the server",
          "[embed][caf]") {
  host_config cfg{caf::atom("sharing")};
  caf::actor_system sys{cfg};
  for (int round = 0; round < 20; ++round) {
    auto what = options_for({});
    what.host = &sys;
    auto srv = open(std::move(what));
    REQUIRE(ok(srv));
    check_callbacks(std::move(*srv));
  }
}

TEST_CASE("the stealing scheduler is refused with the reason", "[embed][caf]") {
  host_config cfg{caf::atom("stealing")};
  caf::actor_system sys{cfg};
  auto what = options_for({});
  what.host = &sys;
  auto refused = open(std::move(what));
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == errc::invalid_argument);
  CHECK_THAT(refused.error().detail, Contains("stealing"));
}

TEST_CASE("a rolled back run is gone for who monitors it", "[embed][caf]") {
  auto srv = opened({});
  caf::scoped_actor self{actor_system_of(*srv)};
  auto all = server_actor(*srv);
  auto made = ask(self, all, msg::create_run{std::nullopt, run_of("waits")});
  REQUIRE(ok(made));
  self->monitor(made->handle);
  REQUIRE(ok(ask(self, made->handle, msg::cancel{cancel_action::rollback})));
  self->receive([&](const caf::down_msg& down) {
    CHECK_FALSE(run_outcome(down.reason));
    CHECK(from_caf(self->system(), down.reason).code == errc::not_found);
  });
}

TEST_CASE("who keeps no handle of a run still learns how it ends",
          "[embed][caf]") {
  auto srv = opened({});
  caf::scoped_actor self{actor_system_of(*srv)};
  auto all = server_actor(*srv);
  auto made = ask(self, all, msg::create_run{std::nullopt, run_of("waits")});
  REQUIRE(ok(made));
  self->monitor(made->handle);
  made->handle = run_handle{};
  cancel_request cancel{cancel_by_ids{made->run.thread, {made->run.id}}};
  REQUIRE(ok(ask(self, all, msg::cancel_runs{cancel})));
  bool told = false;
  self->receive(
    [&](const caf::down_msg& down) {
      CHECK_FALSE(run_outcome(down.reason)); // Stateless: gone when it is over.
      CHECK(from_caf(self->system(), down.reason).code == errc::not_found);
      told = true;
    },
    caf::after(wait_max) >> [] {});
  CHECK(told);
}

TEST_CASE("a run that is asked for more than its end answers all of it",
          "[embed][caf]") {
  auto srv = opened({});
  caf::scoped_actor self{actor_system_of(*srv)};
  auto all = server_actor(*srv);
  for (int round = 0; round < 20; ++round) {
    auto made = ask(self, all, msg::create_run{std::nullopt, run_of("waits")});
    REQUIRE(ok(made));
    // The run is over before this has its answer.
    msg::cancel cancel{cancel_action::interrupt, answer_after::effect};
    auto receipt = ask(self, made->handle, cancel);
    REQUIRE(ok(receipt));
    CHECK(receipt->matched == 1);
  }
}

TEST_CASE("nobody cannot be a subscriber", "[embed][caf]") {
  auto srv = opened({});
  caf::scoped_actor self{actor_system_of(*srv)};
  auto all = server_actor(*srv);
  auto made = ask(self, all, msg::create_run{std::nullopt, run_of("waits")});
  REQUIRE(ok(made));
  CHECK(ask(self, made->handle, msg::subscribe{}).error().code
        == errc::invalid_argument);
}

TEST_CASE("a subscriber hears the end of a run", "[embed][caf]") {
  auto srv = opened({});
  caf::scoped_actor self{actor_system_of(*srv)};
  auto all = server_actor(*srv);
  auto thread = ask(self, all, msg::create_thread{});
  REQUIRE(ok(thread));
  auto made = ask(self, all, msg::create_run{thread->id, run_of("waits")});
  REQUIRE(ok(made));
  auto told = std::make_shared<heard>();
  msg::subscribe follow;
  follow.to = self->system().spawn(ear, told);
  REQUIRE(ok(ask(self, made->handle, follow)));
  follow.to = run_subscriber{};
  REQUIRE(ok(ask(self, made->handle, msg::cancel{})));
  auto last = told->last.get_future().get();
  CHECK(last.run == made->run.id);
  CHECK(last.why == end_reason::over);
  CHECK(last.status == run_status::interrupted);
}

TEST_CASE("handles in a host's system may outlive their server",
          "[embed][caf]") {
  host_config cfg{caf::atom("sharing")};
  caf::actor_system sys{cfg};
  caf::scoped_actor self{sys};
  server_handle all;
  run_handle run;
  auto what = options_for({});
  what.host = &sys;
  auto srv = open(std::move(what));
  REQUIRE(ok(srv));
  all = server_actor(**srv);
  auto made = ask(self, all, msg::create_run{std::nullopt, run_of("waits")});
  REQUIRE(ok(made));
  run = made->handle;
  srv->reset();
  CHECK(ask(self, all, msg::create_thread{}).error().code == errc::unavailable);
  CHECK(ask(self, run, msg::get_record{}).error().code == errc::unavailable);
}
