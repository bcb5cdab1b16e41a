#include "graph/run_machine.hpp"

namespace heddle::graph {

std::unique_ptr<machine> make_run(compiled graph, worker::start order,
                                  std::shared_ptr<randomness> chance) {
  return std::make_unique<run_machine>(std::move(graph), std::move(order),
                                       std::move(chance));
}

run_machine::run_machine(compiled graph, worker::start order,
                         std::shared_ptr<randomness> chance)
  : facts_(make_facts(graph, order, std::move(chance))),
    beginning_(std::make_unique<beginning>()),
    thread_(empty_copy(*facts_->graph)) {
  beginning_->order = std::move(order);
}

actions run_machine::stored(std::uint32_t seq) {
  if (!out_.answered(seq) || !out_.settled())
    return {};
  if (phase_ == phase::settling)
    end();
  else if (std::exchange(held_, false))
    tick();
  return out_.take();
}

actions run_machine::refused(std::uint32_t seq, worker::refusal why,
                             std::string text) {
  if (!out_.answered(seq) || over())
    return {};
  auto first = !std::exchange(refused_, true);
  if (first && !cancelled_) {
    using enum worker::refusal;
    bool stops = why == stopping || why == fenced;
    if (!stops)
      error_ = {"Refused", std::move(text)};
    ended_
      = stops ? worker::end_outcome::cancelled : worker::end_outcome::error;
  }
  if (phase_ == phase::settling) {
    if (out_.settled())
      end();
  } else {
    stop_tasks();
    finish(ended_);
  }
  return out_.take();
}

actions run_machine::store_asked(json_text ops, store_reply done) {
  if (phase_ != phase::stepping) {
    out_.act(answer_node{std::move(done),
                         error{errc::unavailable, "the run is over"}});
    return out_.take();
  }
  auto req = out_.next_number();
  replies_.emplace(req, std::move(done));
  out_.send(worker::store_ops{req, std::move(ops)});
  return out_.take();
}

actions run_machine::store_answered(std::uint32_t req, json_text results) {
  auto found = replies_.find(req);
  if (found == replies_.end())
    return {};
  auto done = std::move(found->second);
  replies_.erase(found);
  out_.act(answer_node{std::move(done), std::move(results)});
  return out_.take();
}

bool run_machine::emits() {
  if (phase_ != phase::stepping)
    return false;
  out_.count_event();
  return true;
}

actions run_machine::drain() {
  drained_ = true;
  return {};
}

actions run_machine::cancel(worker::cancel what) {
  if (phase_ >= phase::ending || cancelled_)
    return {};
  cancelled_ = std::move(what);
  out_.send(worker::cancelling{});
  stop_tasks();
  if (phase_ == phase::settling)
    ended_ = worker::end_outcome::cancelled;
  else
    finish(worker::end_outcome::cancelled);
  return out_.take();
}

actions run_machine::finished(task_no which, outcome what) {
  if (lost_.erase(which) > 0) {
    check_clean();
    return out_.take();
  }
  for (auto& task : tasks_) {
    if (task.no != which || !task.run)
      continue;
    auto gone = std::move(task.run); // Destroyed when this is over.
    task.run = nullptr;
    --running_;
    complete(task, std::move(what));
    return out_.take();
  }
  return {};
}

} // namespace heddle::graph
