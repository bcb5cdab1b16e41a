#include "actors/api/operate.hpp"

// The operations of `heddle::server`, asked for by messages. A new one is a
// struct in heddle/actors.hpp, a line below, and its name in the behavior.

namespace heddle::actors {

namespace {

using server_guest = server_handle::extend<caf::reacts_to<landed>>;

struct server_guest_state : guest_state {}; // Here, for `operate` to be found.

void operate(server_guest_state& s, msg::create_assistant&& m,
             answer_to<assistant_record> f) {
  s.srv().create_assistant(std::move(m.what), std::move(f));
}

void operate(server_guest_state& s, msg::get_assistant&& m,
             answer_to<assistant_record> f) {
  s.srv().get_assistant(m.assistant, std::move(f));
}

void operate(server_guest_state& s, msg::search_assistants&& m,
             answer_to<std::vector<assistant_record>> f) {
  s.srv().search_assistants(std::move(m.what), std::move(f));
}

void operate(server_guest_state& s, msg::patch_assistant&& m,
             answer_to<assistant_record> f) {
  s.srv().patch_assistant(m.assistant, std::move(m.what), std::move(f));
}

void operate(server_guest_state& s, msg::delete_assistant&& m,
             answer_to<void> f) {
  s.srv().delete_assistant(m.assistant, m.threads, std::move(f));
}

void operate(server_guest_state& s, msg::create_thread&& m,
             answer_to<thread_record> f) {
  s.srv().create_thread(std::move(m.what), std::move(f));
}

void operate(server_guest_state& s, msg::get_thread&& m,
             answer_to<thread_record> f) {
  s.srv().get_thread(m.thread, std::move(f));
}

void operate(server_guest_state& s, msg::patch_thread&& m,
             answer_to<thread_record> f) {
  s.srv().patch_thread(m.thread, std::move(m.what), std::move(f));
}

void operate(server_guest_state& s, msg::delete_thread&& m, answer_to<void> f) {
  s.srv().delete_thread(m.thread, std::move(f));
}

void operate(server_guest_state& s, msg::search_threads&& m,
             answer_to<std::vector<thread_record>> f) {
  s.srv().search_threads(std::move(m.what), std::move(f));
}

void operate(server_guest_state& s, msg::copy_thread&& m,
             answer_to<thread_record> f) {
  s.srv().copy_thread(m.thread, std::move(f));
}

void operate(server_guest_state& s, msg::get_state&& m,
             answer_to<json_text> f) {
  s.srv().get_state(m.thread, std::move(m.what), std::move(f));
}

void operate(server_guest_state& s, msg::get_history&& m,
             answer_to<json_text> f) {
  s.srv().get_history(m.thread, std::move(m.what), std::move(f));
}

void operate(server_guest_state& s, msg::update_state&& m,
             answer_to<json_text> f) {
  s.srv().update_state(m.thread, std::move(m.what), std::move(f));
}

void operate(server_guest_state& s, msg::create_run&& m,
             answer_to<server::created_run> f) {
  s.srv().create_run(m.thread, std::move(m.what), nullptr, {}, std::move(f));
}

void operate(server_guest_state& s, msg::get_run&& m, answer_to<run_record> f) {
  s.srv().get_run(m.thread, m.run, std::move(f));
}

void operate(server_guest_state& s, msg::list_runs&& m,
             answer_to<std::vector<run_record>> f) {
  s.srv().list_runs(std::move(m.what), std::move(f));
}

void operate(server_guest_state& s, msg::delete_run&& m, answer_to<void> f) {
  s.srv().delete_run(m.thread, m.run, std::move(f));
}

void operate(server_guest_state& s, msg::cancel_runs&& m,
             answer_to<cancel_receipt> f) {
  s.srv().cancel(std::move(m.what), std::move(f));
}

template <class Self>
server_guest::behavior_type server_behavior(Self* self) {
  return server_guest::behavior_type{
    on<msg::cancel_runs>(self),
    on<msg::create_run>(self),
    on<msg::get_run>(self),
    [self](const msg::open_run& what) {
      return spawn_run_guest(self->state.srv(), what.thread, what.run);
    },
    on<msg::list_runs>(self),
    on<msg::delete_run>(self),
    on<msg::create_thread>(self),
    on<msg::get_thread>(self),
    on<msg::get_state>(self),
    on<msg::get_history>(self),
    on<msg::update_state>(self),
    on<msg::patch_thread>(self),
    on<msg::delete_thread>(self),
    on<msg::search_threads>(self),
    on<msg::copy_thread>(self),
    on<msg::create_assistant>(self),
    on<msg::get_assistant>(self),
    on<msg::search_assistants>(self),
    on<msg::patch_assistant>(self),
    on<msg::delete_assistant>(self),
    [](const landed& what) { what.then(); },
  };
}

} // namespace

} // namespace heddle::actors

namespace heddle::inline v0 {

server_handle server_actor(server& srv) {
  using namespace actors;
  return actor_system_of(srv).spawn(
    [](server_guest::stateful_pointer<server_guest_state> self, server* where,
       guests_ptr in) {
      self->state.enter(self, where, std::move(in));
      return server_behavior(self);
    },
    &srv, srv.internals().home.visitors());
}

} // namespace heddle::inline v0
