#include "graph/outbox.hpp"

namespace heddle::graph {

namespace {

/// What an event, and a frame of events, has beside names and data: the credit
/// that a worker process would spend.
constexpr std::size_t event_bytes = 11;
constexpr std::size_t frame_bytes = 24;

} // namespace

void outbox::send(worker::report what) {
  flush();
  actions_.emplace_back(send_report{std::move(what)});
}

void outbox::act(action what) {
  flush();
  actions_.push_back(std::move(what));
}

void outbox::event(std::string name, json_text data) {
  if (batch_.items.empty())
    batch_.cost = frame_bytes;
  batch_.cost += name.size() + data.view().size() + event_bytes;
  batch_.items.push_back({std::move(name), std::move(data)});
  ++events_;
}

void outbox::save(worker::put what) {
  what.seq = next_number();
  open_.insert(what.seq);
  send(std::move(what));
}

void outbox::save(worker::writes what) {
  what.seq = next_number();
  open_.insert(what.seq);
  send(std::move(what));
}

actions outbox::take() {
  flush();
  return std::exchange(actions_, {});
}

void outbox::flush() {
  if (!batch_.items.empty())
    actions_.emplace_back(send_report{std::exchange(batch_, {})});
}

} // namespace heddle::graph
