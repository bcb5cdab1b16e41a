#pragma once

#include "actors/api/guest.hpp"
#include "actors/api/spawning.hpp"

namespace heddle::actors {

/// What the server's callback is given for a message with that answer.
template <class Answer>
struct given {
  using type = Answer;
};
template <>
struct given<msg::done> {
  using type = void;
};
template <>
struct given<msg::created_run> {
  using type = server::created_run;
};

template <class Answer>
struct to_answer {
  server* srv;
  Answer operator()(result<Answer>&& got) const { return std::move(*got); }
};
template <>
struct to_answer<msg::done> {
  server* srv;
  msg::done operator()(result<void>&&) const { return {}; }
};
template <>
struct to_answer<msg::created_run> {
  server* srv;
  msg::created_run operator()(result<server::created_run>&& got) const {
    auto handle = spawn_run_guest(*srv, got->run.thread, got->run.id);
    return {std::move(got->run), std::move(handle)};
  }
};

/// Where the answer of an operation goes.
template <class T>
using answer_to = server::callback<T>;

/// The handler of a message: calls `operate(state, message, callback)`.
template <class Message, class Self>
auto on(Self* self) {
  using answer = typename Message::answer;
  return [self](Message what) -> caf::result<answer> {
    auto& state = self->state;
    server::callback<typename given<answer>::type> done;
    auto promise = state.template answer_later<answer>(
      self, done, to_answer<answer>{&state.srv()});
    operate(state, std::move(what), std::move(done));
    return promise;
  };
}

} // namespace heddle::actors
