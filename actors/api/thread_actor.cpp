#include "actors/api/operate.hpp"

namespace heddle::actors {

namespace {

using thread_guest = thread_handle::extend<caf::reacts_to<landed>>;

struct thread_guest_state : guest_state {
  static constexpr const char* name = "thread guest";

  thread_id thread;
};

void operate(thread_guest_state& s, msg::start_run&& m,
             answer_to<server::created_run> f) {
  s.srv().create_run(s.thread, std::move(m.what), nullptr, {}, std::move(f));
}

void operate(thread_guest_state& s, msg::cancel_some&& m,
             answer_to<cancel_receipt> f) {
  cancel_request what;
  what.what = cancel_by_ids{s.thread, std::move(m.runs)};
  what.action = m.action;
  what.after = m.after;
  what.receipt = true;
  s.srv().cancel(std::move(what), std::move(f));
}

void operate(thread_guest_state& s, msg::read_thread&&,
             answer_to<thread_record> f) {
  s.srv().get_thread(s.thread, std::move(f));
}

void operate(thread_guest_state& s, msg::read_state&& m,
             answer_to<json_text> f) {
  s.srv().get_state(s.thread, std::move(m.what), std::move(f));
}

void operate(thread_guest_state& s, msg::write_state&& m,
             answer_to<json_text> f) {
  s.srv().update_state(s.thread, std::move(m.what), std::move(f));
}

void operate(thread_guest_state& s, msg::remove_thread&&, answer_to<void> f) {
  s.srv().delete_thread(s.thread, std::move(f));
}

template <class Self>
thread_guest::behavior_type thread_behavior(Self* self) {
  return thread_guest::behavior_type{
    on<msg::start_run>(self),
    on<msg::cancel_some>(self),
    on<msg::read_thread>(self),
    on<msg::read_state>(self),
    on<msg::write_state>(self),
    on<msg::remove_thread>(self),
    [](const landed& what) { what.then(); },
  };
}

} // namespace

} // namespace heddle::actors

namespace heddle::inline v0 {

thread_handle thread_actor(server& srv, const thread_id& thread) {
  using namespace actors;
  return actor_system_of(srv).spawn(
    [](thread_guest::stateful_pointer<thread_guest_state> self, server* where,
       guests_ptr in, thread_id of) {
      self->state.thread = of;
      self->state.enter(self, where, std::move(in));
      return thread_behavior(self);
    },
    &srv, srv.internals().home.visitors(), thread);
}

} // namespace heddle::inline v0
