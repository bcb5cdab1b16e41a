#include "graph/node_run.hpp"

#include "core/json_object.hpp"
#include "graph/context.hpp"
#include "graph/facts.hpp"
#include "graph/told.hpp"
#include "graph/values.hpp"
#include "heddle/json_check.hpp"

namespace heddle::graph {

namespace {

/// An update with its messages made whole, so that their ids are the same in
/// the stream, in the writes and in the state.
class completed_update {
public:
  explicit completed_update(const run_facts& facts) : facts_(facts) {}

  json_text operator()(const json_text& update) {
    auto members = core::slice_object(update.view());
    if (!members || !any_message(*members))
      return update;
    core::json_object made{update.view()};
    for (const auto& [name, value] : *members)
      if (holds_messages(name) && !overwriting(json_text{std::string{value}}))
        made.set(name, completed(value));
    return json_text{made.str()};
  }

  const std::vector<message>& found() const noexcept { return found_; }

private:
  bool holds_messages(std::string_view name) const {
    auto channel = facts_.graph->channel(name);
    return channel && facts_.graph->channels[*channel].spec.messages;
  }

  bool any_message(const core::object_slices& members) const {
    for (const auto& [name, value] : members)
      if (holds_messages(name))
        return true;
    return false;
  }

  std::string completed(std::string_view value) {
    auto list = read_messages(value, *facts_.chance);
    if (!list)
      throw node_error{"InvalidUpdateError", list.error().detail};
    auto one = core::kind_of(core::trim(value)) == core::json_kind::object;
    auto text = one ? list->front().text.str() : messages_json(*list).str();
    found_.insert(found_.end(), list->begin(), list->end());
    return text;
  }

  const run_facts& facts_;
  std::vector<message> found_;
};

void check_update(const json_text& update) {
  if (update.empty())
    return;
  if (auto problem = json_problem(update.view()))
    throw node_error{"InvalidUpdateError",
                     "what a node returned is no JSON: " + *problem};
  auto kind = core::kind_of(core::trim(update.view()));
  if (kind != core::json_kind::object && kind != core::json_kind::null)
    throw node_error{"InvalidUpdateError",
                     "Expected dict, got " + update.str().substr(0, 200)
                       + "\nFor troubleshooting, visit: "
                         "https://docs.langchain.com/oss/python/langgraph/"
                         "errors/INVALID_GRAPH_NODE_RETURN_VALUE"};
}

} // namespace

node_run::node_run(std::shared_ptr<const run_facts> facts, order what)
  : facts_(std::move(facts)), order_(std::move(what)) {}

node_run::~node_run() {
  // A coroutine that still waits is destroyed where it waits.
  if (place_)
    place_->drop();
}

std::string_view node_run::name() const noexcept {
  return facts_->graph->nodes[order_.node].name;
}

bool node_run::waits_without_thread() const noexcept {
  return facts_->graph->nodes[order_.node].coroutine && !order_.as_update;
}

void node_run::cancel() {
  std::shared_ptr<wait_place> place;
  {
    std::lock_guard lock{mutex_};
    if (std::exchange(cancelled_, true))
      return;
    place = place_;
  }
  if (place)
    place->cancel();
}

void node_run::run(std::shared_ptr<host> where) {
  auto self = shared_from_this();
  host_ = std::move(where);
  auto place = std::make_shared<wait_place>(*host_);
  {
    std::lock_guard lock{mutex_};
    place_ = place;
    if (cancelled_)
      place->cancel();
  }
  context_ = std::make_unique<inner_context>(*facts_, order_, host_, place,
                                             !waits_without_thread());
  execute();
}

void node_run::execute() {
  try {
    if (place_->cancelled())
      throw run_cancelled{};
    const auto& node = facts_->graph->nodes[order_.node];
    if (facts_->stream)
      note_known_messages();
    if (node.coroutine && !order_.as_update) {
      coroutine_.emplace(node.coroutine(order_.input, *context_));
      coroutine_->start(place_, [self = shared_from_this()] {
        self->conclude([&] { return self->coroutine_->take(); });
      });
      return;
    }
    conclude([&] {
      return node.function && !order_.as_update
               ? node.function(order_.input, *context_)
               : node_result{order_.input};
    });
  } catch (const run_cancelled&) {
    finish({outcome::kind::cancelled, {}, {}, {}, {}, {}});
  } catch (...) {
    // Making the coroutine failed: it has no frame.
    finish(
      {outcome::kind::failed, {}, {}, {}, told(std::current_exception()), {}});
  }
}

void node_run::note_known_messages() {
  auto members = core::slice_object(order_.input.view());
  if (!members)
    return;
  for (const auto& [name, value] : *members) {
    auto channel = facts_->graph->channel(name);
    if (channel && facts_->graph->channels[*channel].spec.messages)
      facts_->stream->known(value);
  }
}

template <class Give>
void node_run::conclude(Give give) {
  outcome what;
  try {
    auto given = give();
    if (!context_->question())
      what = succeeded(given);
  } catch (const asked_human&) {
    what.how = outcome::kind::interrupted;
  } catch (const run_cancelled&) {
    what.how = outcome::kind::cancelled;
  } catch (...) {
    what.how = outcome::kind::failed;
    what.error = told(std::current_exception());
  }
  // Also if the node caught what `interrupt` threw.
  if (context_->question()) {
    what.how = outcome::kind::interrupted;
    what.question = *context_->question();
  }
  finish(std::move(what));
}

outcome node_run::succeeded(const node_result& given) {
  outcome what;
  what.update = given.what();
  check_update(what.update.update);
  for (const auto& to : what.update.go_to)
    if (const auto* packet = std::get_if<send>(&to))
      if (auto problem = json_problem(packet->input.or_else("null")))
        throw node_error{"InvalidUpdateError",
                         "the input of a send is no JSON: " + *problem};
  if (order_.node != plan::start_node) {
    completed_update complete{*facts_};
    what.update.update = complete(what.update.update);
    context_->tell(complete.found());
  }
  const auto& branches = facts_->graph->nodes[order_.node].branches;
  if (branches.empty())
    return what;
  auto state = state_after(*facts_->graph, *order_.state, what.update.update,
                           *facts_->chance);
  if (!state)
    throw node_error{"InvalidUpdateError", state.error().detail};
  for (const auto& branch : branches)
    for (auto& to : branch.route(*state))
      what.routed.push_back(std::move(to));
  return what;
}

void node_run::finish(outcome what) {
  if (context_)
    what.answers = context_->answers();
  auto where = host_;
  where->finished(order_.no, std::move(what));
}

} // namespace heddle::graph
