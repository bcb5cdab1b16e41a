#include "actors/directory.hpp"
#include "actors/server_impl.hpp"
#include "actors/store_answer.hpp"
#include "core/json_object.hpp"

#include <utility>

// Threads as rows. What runs on them is their actors' business.

namespace heddle {

namespace {

using actors::answer;

error thread_not_found(const thread_id& id) {
  return {errc::not_found, "Thread with ID " + id.str() + " not found"};
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

} // namespace

void server::get_thread(const thread_id& id, callback<thread_record> done) {
  actors::answer_from_read<thread_record>(
    impl_->env.rows,
    [id](read_tx& tx) -> answer<thread_record> {
      if (auto found = tx.thread(id))
        return {std::move(*found)};
      return {thread_not_found(id)};
    },
    std::move(done));
}
