// A CAF program that has a server in its own actor system: it creates a run by
// message, monitors it, hears its events and cancels it by message.

#include <heddle/actors.hpp>
#include <heddle/open.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdio>
#include <string>

using namespace std::chrono_literals;
namespace msg = heddle::msg;
using heddle::json_text;

namespace {

struct config : caf::actor_system_config {
  config() {
    // CAF's default would be refused: see `open_options::host`.
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-throughput", 32);
  }
};

/// Says that it works, and then waits for a cancel, which ends it there.
heddle::task<json_text> work(json_text, heddle::graph::node_context& ctx) {
  ctx.write(json_text{R"({"step":"begun"})"});
  co_await heddle::delay(1h);
  co_return json_text{R"({"done":true})"};
}

heddle::graph::compiled agent() {
  heddle::graph::builder all;
  all.channel("topic").channel("done").node("work", work);
  all.entry("work").finish("work");
  return all.compile().value();
}

/// Prints what a run emits.
heddle::run_subscriber::behavior_type
listener(heddle::run_subscriber::pointer self, const std::string& name) {
  return {
    [name](const msg::run_events& news) {
      for (const auto& event : news.events)
        std::printf("%s: event %s\n", name.c_str(), event->name.c_str());
    },
    [self](const msg::run_ended& last) {
      std::printf("the stream ended: %s\n",
                  last.status ? heddle::to_string(*last.status).data()
                              : "gone");
      self->quit();
    },
  };
}

/// Starts a run, cancels it, and ends when the run has.
void supervisor(caf::event_based_actor* self, heddle::server_handle srv,
                heddle::thread_id thread) {
  self->set_down_handler([self](const caf::down_msg& down) {
    auto how = heddle::run_outcome(down.reason);
    std::printf("the run is down: %s\n",
                how ? heddle::to_string(*how).data() : "gone");
    self->quit();
  });
  msg::create_run order;
  order.thread = thread;
  order.what.assistant = "agent";
  order.what.input = json_text{R"({"topic":"looms"})"};
  order.what.stream_modes = {"custom"};
  self->request(srv, 10s, order).then([self](const msg::created_run& made) {
    self->monitor(made.handle);
    msg::subscribe follow;
    follow.to = self->system().spawn(listener, std::string{"the run"});
    self->request(made.handle, 10s, follow)
      .then([self, run = made.handle](msg::done) {
        self->request(run, 10s, msg::cancel{heddle::cancel_action::interrupt})
          .then([](const heddle::cancel_receipt& receipt) {
            std::printf("cancelled: %zu\n", receipt.runs.size());
          });
      });
  });
  // Without a behavior it would end at once.
  self->become([](caf::unit_t) {});
}

heddle::thread_id new_thread(caf::scoped_actor& self,
                             const heddle::server_handle& srv) {
  heddle::thread_id result;
  self->request(srv, 10s, msg::create_thread{})
    .receive([&](const heddle::thread_record& made) { result = made.id; },
             [&](const caf::error& why) {
               std::printf(
                 "no thread: %s\n",
                 heddle::from_caf(self->system(), why).detail.c_str());
             });
  return result;
}

} // namespace

int main() {
  config cfg;
  caf::actor_system sys{cfg};
  heddle::open_options what;
  what.graphs.emplace("agent", agent());
  what.host = &sys;
  auto opened = heddle::open(std::move(what)).value();
  auto srv = heddle::server_actor(*opened);
  {
    caf::scoped_actor self{sys};
    auto thread = new_thread(self, srv);
    auto guard = sys.spawn(supervisor, srv, thread);
    self->wait_for(guard);
  }
  std::puts("done");
}
