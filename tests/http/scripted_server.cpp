#include "tests/http/scripted_server.hpp"

#include <utility>

namespace heddle {

struct server::impl {
  test::script* lines;
};

namespace {

const error unscripted{errc::internal, "the test did not expect this call"};

/// Calls `line`, or answers that nobody expected it.
template <class Line, class Done, class... Args>
void say(const Line& line, Done done, Args&&... args) {
  if (line)
    line(std::forward<Args>(args)..., std::move(done));
  else
    done(unscripted);
}

} // namespace

server::server(std::unique_ptr<impl> made) : impl_(std::move(made)) {
  // nop
}

server::~server() = default;

bool server::accepting() const noexcept {
  return impl_->lines->accepting;
}

const options& server::settings() const noexcept {
  return impl_->lines->settings;
}

std::vector<graph_status> server::graphs() const {
  return impl_->lines->graphs;
}

future<metrics_snapshot> server::metrics(callback<metrics_snapshot> done) {
  say(impl_->lines->metrics, std::move(done));
  return {};
}

void server::stop(std::function<void()> done) {
  done();
}

future<assistant_record>
server::create_assistant(assistant_create, callback<assistant_record> done) {
  done(unscripted);
  return {};
}

future<assistant_record>
server::get_assistant(const assistant_id&, callback<assistant_record> done) {
  done(unscripted);
  return {};
}

future<std::vector<assistant_record>>
server::search_assistants(assistant_query what,
                          callback<std::vector<assistant_record>> done) {
  say(impl_->lines->search_assistants, std::move(done), std::move(what));
  return {};
}

future<std::uint64_t> server::count_assistants(assistant_query,
                                               callback<std::uint64_t> done) {
  done(unscripted);
  return {};
}

future<assistant_record>
server::patch_assistant(const assistant_id&, assistant_patch,
                        callback<assistant_record> done) {
  done(unscripted);
  return {};
}

future<void> server::delete_assistant(const assistant_id& id, bool threads,
                                      callback<void> done) {
  say(impl_->lines->delete_assistant, std::move(done), id, threads);
  return {};
}

future<thread_record> server::create_thread(thread_create what,
                                            callback<thread_record> done) {
  say(impl_->lines->create_thread, std::move(done), std::move(what));
  return {};
}

future<thread_record> server::get_thread(const thread_id& id,
                                         callback<thread_record> done) {
  say(impl_->lines->get_thread, std::move(done), id);
  return {};
}

future<thread_record> server::patch_thread(const thread_id&, thread_patch what,
                                           callback<thread_record> done) {
  say(impl_->lines->patch_thread, std::move(done), std::move(what));
  return {};
}

future<void> server::delete_thread(const thread_id& id, callback<void> done) {
  say(impl_->lines->delete_thread, std::move(done), id);
  return {};
}

future<std::vector<thread_record>>
server::search_threads(thread_query,
                       callback<std::vector<thread_record>> done) {
  done(unscripted);
  return {};
}

future<std::uint64_t> server::count_threads(thread_query,
                                            callback<std::uint64_t> done) {
  done(unscripted);
  return {};
}

future<thread_record> server::copy_thread(const thread_id&,
                                          callback<thread_record> done) {
  done(unscripted);
  return {};
}

future<json_text> server::get_state(const thread_id&, state_get what,
                                    callback<json_text> done) {
  say(impl_->lines->get_state, std::move(done), std::move(what));
  return {};
}

future<json_text> server::get_history(const thread_id&, history_search what,
                                      callback<json_text> done) {
  say(impl_->lines->get_history, std::move(done), std::move(what));
  return {};
}

future<json_text> server::update_state(const thread_id&, state_update,
                                       callback<json_text> done) {
  done(unscripted);
  return {};
}

future<server::created_run>
server::create_run(std::optional<thread_id> thread, run_create what,
                   std::shared_ptr<run_reader> reader, follow_options follow,
                   callback<created_run> done) {
  say(impl_->lines->create_run, std::move(done), thread, std::move(what),
      std::move(reader), std::move(follow));
  return {};
}

future<std::vector<run_record>>
server::create_runs(std::vector<run_create>,
                    callback<std::vector<run_record>> done) {
  done(unscripted);
  return {};
}

future<run_record> server::get_run(const thread_id&, const run_id& run,
                                   callback<run_record> done) {
  say(impl_->lines->get_run, std::move(done), run);
  return {};
}

future<std::vector<run_record>>
server::list_runs(run_query what, callback<std::vector<run_record>> done) {
  say(impl_->lines->list_runs, std::move(done), std::move(what));
  return {};
}

future<void> server::delete_run(const thread_id&, const run_id&,
                                callback<void> done) {
  done(unscripted);
  return {};
}

future<follower> server::follow_run(const thread_id&, const run_id&,
                                    std::shared_ptr<run_reader> reader,
                                    follow_options how,
                                    callback<follower> done) {
  say(impl_->lines->follow_run, std::move(done), std::move(reader),
      std::move(how));
  return {};
}

void server::leave(const follower& place, bool disconnected) {
  if (impl_->lines->leave)
    impl_->lines->leave(place, disconnected);
}

future<cancel_receipt> server::cancel(cancel_request what,
                                      callback<cancel_receipt> done) {
  say(impl_->lines->cancel, std::move(done), std::move(what));
  return {};
}

namespace test {

std::unique_ptr<server> make_server(script& lines) {
  return std::make_unique<server>(
    std::make_unique<server::impl>(server::impl{&lines}));
}

} // namespace test

} // namespace heddle
