#include "actors/directory.hpp"
#include "actors/server_impl.hpp"
#include "actors/store_answer.hpp"
#include "core/json_object.hpp"
#include "core/thread_errors.hpp"

#include <utility>

// Threads as rows. What runs on them is their actors' business.

namespace heddle {

namespace {

using actors::answer;

void read_thread(store& rows, const thread_id& id,
                 server::callback<thread_record> done) {
  actors::answer_from_read<thread_record>(
    rows,
    [id](read_tx& tx) -> answer<thread_record> {
      if (auto found = tx.thread(id))
        return {std::move(*found)};
      return {core::thread_not_found(id)};
    },
    std::move(done));
}

thread_record new_thread(const thread_create& what, const thread_id& id,
                         timestamp now) {
  thread_record thread;
  thread.id = id;
  thread.created = thread.updated = thread.state_updated = now;
  thread.metadata = what.metadata.empty() ? json_text{"{}"} : what.metadata;
  thread.config = json_text{"{}"};
  return thread;
}

/// What a create came to. The steps only belong to a thread that is new.
struct inserted {
  thread_record thread;
  bool fresh = false;
};

answer<inserted> insert(write_tx& tx, const thread_record& fresh,
                        bool may_exist) {
  if (tx.insert_thread(fresh))
    return {inserted{fresh, true}};
  auto old = tx.thread(fresh.id);
  if (old && may_exist)
    return {inserted{std::move(*old), false}};
  return {error{errc::conflict,
                "Thread with ID " + fresh.id.str() + " already exists"}};
}

/// The graph's own refusal is told as it is; all else is no fault of the steps.
error not_applied(const thread_record& thread, error why) {
  bool refused
    = why.code == errc::bad_request || why.code == errc::invalid_argument;
  if (refused && core::json_object{thread.metadata.view()}.find("graph_id"))
    return why;
  return {errc::made_in_part,
          "Thread " + thread.id.str()
            + " was created, but there were problems updating the "
              "state: "
            + why.detail};
}

/// Applies the states that a thread was created with. It stays if that fails.
void apply_supersteps(actors::environment& env, const thread_record& thread,
                      const json_text& steps,
                      server::callback<thread_record> done) {
  json_text args{"{\"supersteps\":" + steps.str() + "}"};
  actors::reply<json_text> applied{
    [&env, thread, done = std::move(done)](result<json_text> got) {
      if (got)
        return read_thread(env.rows, thread.id, done);
      done(not_applied(thread, got.error()));
    }};
  env.threads->tell(thread.id,
                    actors::ask_graph{"update", std::move(args), applied});
}

answer<thread_record> merge(write_tx& tx, const thread_id& id,
                            const json_text& metadata, timestamp now) {
  auto thread = tx.thread(id);
  if (!thread)
    return {error{errc::not_found, "Not Found"}};
  thread->metadata = core::merge_objects({thread->metadata, metadata});
  thread->updated = now;
  tx.update_thread(id, thread->metadata, thread->config, now);
  return {std::move(*thread)};
}

} // namespace

future<thread_record> server::create_thread(thread_create what,
                                            callback<thread_record> done) {
  future later{done};
  auto& env = impl_->env;
  auto now = env.clock.now();
  auto id = what.id.value_or(thread_id{env.ids.ordered(now)});
  actors::answer_from_write<inserted>(
    env.rows,
    [fresh = new_thread(what, id, now), may_exist = what.if_exists_do_nothing](
      write_tx& tx) { return insert(tx, fresh, may_exist); },
    [&env, steps = what.supersteps,
     done = std::move(done)](result<inserted> got) {
      if (!got)
        return done(got.error());
      if (!got->fresh || core::slice_array(steps.view()).empty())
        return done(std::move(got->thread));
      apply_supersteps(env, got->thread, steps, done);
    });
  return later;
}

future<thread_record> server::get_thread(const thread_id& id,
                                         callback<thread_record> done) {
  future later{done};
  read_thread(impl_->env.rows, id, std::move(done));
  return later;
}

future<thread_record> server::patch_thread(const thread_id& id,
                                           thread_patch what,
                                           callback<thread_record> done) {
  future later{done};
  auto& env = impl_->env;
  actors::answer_from_write<thread_record>(
    env.rows,
    [id, what = std::move(what), now = env.clock.now()](write_tx& tx) {
      return merge(tx, id, what.metadata, now);
    },
    std::move(done));
  return later;
}

future<std::vector<thread_record>>
server::search_threads(thread_query what,
                       callback<std::vector<thread_record>> done) {
  future later{done};
  ++what.limit; // Tells whether there is another page.
  read(
    impl_->env.rows,
    [what = std::move(what)](read_tx& tx) { return tx.search_threads(what); },
    std::move(done));
  return later;
}

future<std::uint64_t> server::count_threads(thread_query what,
                                            callback<std::uint64_t> done) {
  future later{done};
  read(
    impl_->env.rows,
    [what = std::move(what)](read_tx& tx) { return tx.count_threads(what); },
    std::move(done));
  return later;
}

future<thread_record> server::copy_thread(const thread_id& id,
                                          callback<thread_record> done) {
  future later{done};
  auto& env = impl_->env;
  actors::answer_from_write<thread_record>(
    env.rows,
    [id, to = thread_id{env.ids.random()},
     now = env.clock.now()](write_tx& tx) -> answer<thread_record> {
      // As the API has it for a thread that is not there.
      if (!tx.copy_thread(id, to, now))
        return {error{errc::conflict, "Conflict"}};
      return {*tx.thread(to)};
    },
    std::move(done));
  return later;
}

} // namespace heddle
