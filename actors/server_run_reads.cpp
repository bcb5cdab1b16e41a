#include "actors/server_impl.hpp"
#include "actors/store_answer.hpp"
#include "core/thread_errors.hpp"

#include <utility>

// Runs as rows. The view of the store shows what a mark has decided already.

namespace heddle {

namespace {

using actors::answer;

} // namespace

future<run_record> server::get_run(const thread_id& thread, const run_id& run,
                                   callback<run_record> done) {
  future later{done};
  actors::answer_from_read<run_record>(
    impl_->env.rows,
    [thread, run](read_tx& tx) -> answer<run_record> {
      if (auto found = tx.run(thread, run))
        return {std::move(*found)};
      if (!tx.thread(thread))
        return {core::thread_not_found(thread)};
      return {error{errc::not_found, "Not Found"}};
    },
    std::move(done));
  return later;
}

future<std::vector<run_record>>
server::list_runs(run_query what, callback<std::vector<run_record>> done) {
  future later{done};
  using records = std::vector<run_record>;
  actors::answer_from_read<records>(
    impl_->env.rows,
    [what](read_tx& tx) -> answer<records> {
      if (!tx.thread(what.thread))
        return {core::thread_not_found(what.thread)};
      return {tx.list_runs(what)};
    },
    std::move(done));
  return later;
}

} // namespace heddle
