#include "actors/house.hpp"
#include "actors/scheduler.hpp"
#include "actors/server_impl.hpp"
#include "heddle/server.hpp"
#include "heddle/webhook_policy.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

// Runs: everything that a thread's actor must decide goes to it.

namespace heddle {

namespace {

error stopping() {
  return {errc::unavailable, "The server is shutting down."};
}

/// What can be refused before any thread is asked.
std::optional<error> refusal(const run_create& what,
                             const actors::environment& env) {
  if (!what.webhook.empty())
    if (auto why = check_webhook(what.webhook, env.opts))
      return why;
  if (env.graphs.knows(what.assistant) || assistant_id::parse(what.assistant))
    return std::nullopt;
  std::string known;
  for (const auto& graph : env.graphs.ids())
    known += (known.empty() ? "" : ", ") + graph;
  return error{errc::invalid_argument,
               "Invalid assistant: '" + what.assistant
                 + "'. Must be either:\n- A valid assistant UUID, or\n- One of "
                   "the registered graphs: "
                 + known};
}

/// The assistants by their own ids that runs are for.
std::vector<assistant_id> named_assistants(const std::vector<run_create>& runs,
                                           const actors::environment& env) {
  std::vector<assistant_id> named;
  for (const auto& one : runs)
    if (!env.graphs.knows(one.assistant))
      named.push_back(*assistant_id::parse(one.assistant));
  return named;
}

/// One after the other, so that they are created in order.
struct batch : std::enable_shared_from_this<batch> {
  using callback = server::callback<std::vector<run_record>>;

  void next() {
    if (done.size() == left.size())
      return answer(std::move(done));
    auto self = shared_from_this();
    owner->create_run(std::nullopt, std::move(left[done.size()]), nullptr, {},
                      [self](result<server::created_run> made) {
                        if (made.has_error())
                          return self->answer(made.error());
                        self->done.push_back(std::move(made->run));
                        self->next();
                      });
  }

  server* owner = nullptr;
  std::vector<run_create> left;
  std::vector<run_record> done;
  callback answer;
};

} // namespace

future<server::created_run>
server::create_run(std::optional<thread_id> thread, run_create what,
                   std::shared_ptr<run_reader> reader, follow_options follow,
                   callback<created_run> done) {
  future later{done};
  if (!accepting()) {
    done(stopping());
    return later;
  }
  auto& env = impl_->env;
  if (auto why = refusal(what, env)) {
    done(*why);
    return later;
  }
  auto now = env.clock.now();
  auto where = thread.value_or(thread_id{});
  if (!thread)
    where = thread_id{env.ids.ordered(now)};
  run_id run{env.ids.ordered(now)};
  if (what.request_id.empty())
    what.request_id = format_uuid(env.ids.random());
  follow.cancel_on_disconnect |= what.cancel_on_disconnect;
  impl_->home.threads().tell(
    where,
    actors::create_run{run, std::make_shared<const run_create>(std::move(what)),
                       !thread, std::move(reader), std::move(follow),
                       actors::reply<created_run>{std::move(done)}});
  actors::drain_now(impl_->home.system());
  return later;
}

future<std::vector<run_record>>
server::create_runs(std::vector<run_create> what,
                    callback<std::vector<run_record>> done) {
  future later{done};
  for (const auto& one : what) {
    if (auto why = refusal(one, impl_->env)) {
      done(*why);
      return later;
    }
  }
  auto all = std::make_shared<batch>();
  auto named = named_assistants(what, impl_->env);
  all->owner = this;
  all->left = std::move(what);
  all->answer = std::move(done);
  if (named.empty()) {
    all->next();
    return later;
  }
  // What can be known beforehand is, so that none is created then.
  read(
    impl_->env.rows,
    [named](read_tx& tx) {
      return std::ranges::all_of(
        named, [&](const auto& id) { return tx.assistant(id).has_value(); });
    },
    server::callback<bool>{[all](result<bool> found) {
      if (found && *found)
        return all->next();
      all->answer(found
                    ? error{errc::not_found, "Thread or assistant not found."}
                    : found.error());
    }});
  return later;
}

future<void> server::delete_run(const thread_id& thread, const run_id& run,
                                callback<void> done) {
  future later{done};
  impl_->home.threads().tell_urgent(
    thread, actors::delete_run{run, actors::reply<void>{std::move(done)}});
  return later;
}

future<void> server::delete_thread(const thread_id& thread,
                                   callback<void> done) {
  future later{done};
  impl_->home.threads().tell_urgent(
    thread, actors::delete_thread{actors::reply<void>{std::move(done)}});
  return later;
}

future<follower> server::follow_run(const thread_id& thread, const run_id& run,
                                    std::shared_ptr<run_reader> reader,
                                    follow_options how,
                                    callback<follower> done) {
  future later{done};
  impl_->home.threads().tell(
    thread, actors::follow_run{run, std::move(reader), std::move(how),
                               actors::reply<follower>{std::move(done)}});
  return later;
}

void server::leave(const follower& place, bool disconnected) {
  impl_->home.threads().tell_live(
    place.thread, actors::leave_run{place.run, place.no, disconnected});
}

} // namespace heddle
