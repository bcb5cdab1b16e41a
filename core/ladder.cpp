#include "core/ladder.hpp"

namespace heddle::core {

namespace {

using step = ladder_state::step;

/// A deadline that comes although none was set: an old timer's.
bool no_deadline(const ladder_state& state) {
  return !state.stopping && !state.ended;
}

bool silent(const ladder_state& state) {
  return state.gone || (state.ended && state.clean);
}

/// Reports if it is time to, and lets go once nothing is left.
ladder_step settled(ladder_state state, std::vector<ladder_effect> effects) {
  bool may_report = state.stopping ? silent(state) : state.ended || state.gone;
  if (may_report && !state.reported) {
    state.reported = true;
    effects.emplace_back(report_end{state.how});
  }
  if (silent(state))
    effects.emplace_back(let_go{});
  return {state, std::move(effects)};
}

ladder_step on(ladder_state state, worker_ended event) {
  if (state.ended || state.gone)
    return {state, {}};
  state.ended = true;
  state.how = event.how;
  std::vector<ladder_effect> effects;
  // What lingers after a normal end has the same time to leave.
  if (!state.stopping && !state.clean)
    effects.emplace_back(set_deadline{});
  return settled(state, std::move(effects));
}

ladder_step on(ladder_state state, worker_clean) {
  if (state.clean || !state.ended || state.gone)
    return {state, {}};
  state.clean = true;
  return settled(state, {});
}

ladder_step on(ladder_state state, worker_gone event) {
  if (silent(state))
    return {state, {}};
  state.gone = true;
  if (!state.ended)
    state.how = event.ordered ? attempt_end::killed : attempt_end::lost;
  return settled(state, {});
}

ladder_step on(ladder_state state, stop_asked event) {
  if (silent(state) || state.stopping)
    return {state, {}};
  state.stopping = true;
  if (state.ended) // Its deadline runs already.
    return {state, {}};
  state.at = step::signalled;
  return {state, {signal{event.cause}, set_deadline{}}};
}

ladder_step on(ladder_state state, half_over) {
  if (silent(state) || no_deadline(state) || state.at == step::killed
      || state.at == step::pressed)
    return {state, {}};
  state.at = step::pressed;
  return {state, {press{}}};
}

ladder_step on(ladder_state state, grace_over) {
  if (silent(state) || no_deadline(state) || state.at == step::killed)
    return {state, {}};
  state.at = step::killed;
  return {state, {kill{}}};
}

} // namespace

ladder_step advance(ladder_state state, const ladder_event& event) {
  return std::visit([&](const auto& e) { return on(state, e); }, event);
}

} // namespace heddle::core
