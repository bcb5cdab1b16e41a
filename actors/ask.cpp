#include "actors/ask.hpp"

#include "actors/run_io.hpp"
#include "actors/shell.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace heddle::actors {

struct ask_over {};

namespace {

using ask_actor
  = slot_client_actor::extend<caf::reacts_to<resume>, caf::reacts_to<ask_over>>;

/// Views that one answer may bring; a worker that sends more is not heard.
constexpr std::size_t views_max = 100;

class ask_state {
public:
  static constexpr const char* name = "ask";

  explicit ask_state(ask_actor::stateful_pointer<ask_state> self)
    : self_(self) {}

  ~ask_state() {
    if (env_)
      env_->timers.cancel(timer_);
  }

  ask_actor::behavior_type make_behavior(environment_ptr env,
                                         graph_question what, slot_ptr place,
                                         reply<graph_answer> done) {
    env_ = env;
    updates_ = what.kind == "update";
    place_ = std::move(place);
    done_ = std::move(done);
    begin(std::move(what));
    return {
      [this](const worker_reports& msg) {
        safely([&] {
          for (const auto& report : msg.items)
            std::visit([this](const auto& r) { on(r); }, report);
          finish();
        });
      },
      [this](const worker_lost& msg) {
        if (!answer_)
          done_.deliver(
            error{errc::unavailable, "The worker process is gone: " + msg.why});
        self_->quit();
      },
      [this](const resume& msg) { safely(msg.then); },
      [this](const ask_over&) {
        answer_ = error{errc::unavailable, "The graph did not answer in time."};
        done_.deliver(answer_->error());
        give_up(*place_, "a question to a graph was not answered");
      },
    };
  }

private:
  void begin(graph_question what) {
    auto me = ask_actor{self_};
    auto weak = caf::actor_cast<caf::weak_actor_ptr>(me);
    auto post = [weak](auto message) {
      if (auto strong = weak.lock())
        caf::anon_send(caf::actor_cast<ask_actor>(strong), std::move(message));
    };
    io_ = std::make_unique<run_io>(
      *env_, run_io::identity{{}, what.thread, durability::sync}, place_,
      [post](std::function<void()> then) { post(resume{std::move(then)}); });
    io_->when_settled([this] { finish(); });
    timer_ = env_->timers.after(ask_patience, [post] { post(ask_over{}); });
    caf::anon_send(place_->process, assign{place_->no, slot_client_actor{me}});
    place_->channel->ask(
      place_->no, {what.kind, what.graph, what.thread, std::move(what.args)});
  }

  void on(const worker::answer& what) { answer_ = what.value; }

  void on(const worker::clean&) { clean_ = true; }

  void on(const worker::view& what) {
    if (updates_)
      io_->on(what);
    else if (views_.size() < views_max)
      views_.push_back(to_row(what));
  }

  template <class Report>
  void on(const Report& what) {
    if constexpr (requires { io_->on(what); })
      io_->on(what);
  }

  void finish() {
    if (!answer_ || !clean_ || !io_->settled())
      return;
    place_->mark_clean();
    if (answer_->has_error())
      done_.deliver(answer_->error());
    else
      done_.deliver(graph_answer{std::move(**answer_), std::move(views_)});
    self_->quit();
  }

  template <class Body>
  void safely(Body&& body) {
    guarded(env_->log, name, std::forward<Body>(body),
            [this] { self_->quit(caf::exit_reason::unhandled_exception); });
  }

  ask_actor::stateful_pointer<ask_state> self_;
  environment_ptr env_; ///< Outlives every actor.
  slot_ptr place_;
  reply<graph_answer> done_;
  bool updates_ = false;
  std::vector<checkpoint_view> views_;
  std::unique_ptr<run_io> io_;
  std::optional<result<json_text>> answer_;
  bool clean_ = false;
  timer_source::id timer_ = 0;
};

} // namespace
} // namespace heddle::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(heddle::actors::ask_over)

namespace heddle::actors {

void spawn_ask(caf::actor_system& sys, environment& env, graph_question what,
               slot_ptr place, reply<graph_answer> done) {
  sys.spawn(
    [](ask_actor::stateful_pointer<ask_state> self, environment_ptr where,
       graph_question question, slot_ptr slot, reply<graph_answer> answer) {
      return self->state.make_behavior(where, std::move(question),
                                       std::move(slot), std::move(answer));
    },
    env.ptr(), std::move(what), std::move(place), std::move(done));
}

} // namespace heddle::actors
